import { loadClipText } from '@ltml/backbone';
import { embedByWordVectorFile, loadTokenizer, withWeights } from '@ltml/backbone/node';
import { DataError } from '@ltml/tensor';
import { readSafetensorsFile } from '@ltml/tensor/node';
import type { ClipOfTexts, EmbeddingFiles } from '../parts/class-embeddings.ts';
import { loadTexts, tokenizerPath } from './load-texts.ts';

/** Reads the files that class embeddings of recipes are made from. */
export const embeddingFiles: EmbeddingFiles = {
  async texts({ name, ...files }) {
    if (name === undefined) return textsByShapes(files);
    const { textTower, tokenizer } = await loadTexts({ name, ...files }, 0, 'refuse');
    return { tower: textTower, tokenizer };
  },
  wordVectors: embedByWordVectorFile,
  tensors: async (path) => (await readSafetensorsFile(path)).tensors,
};

/** The text tower of a CLIP that is not in the zoo. */
async function textsByShapes({ weights, tokenizer }: ClipOfTexts): ReturnType<EmbeddingFiles['texts']> {
  if (weights === undefined || weights === 'none' || weights.startsWith('hub:')) {
    const expected = 'a file; or give encoder the name of a CLIP';
    throw new DataError({ where: 'classEmbeddings', argument: 'weights', expected, received: weights ?? 'nothing' });
  }
  const tower = await withWeights(weights, (file) => loadClipText(file));
  try {
    const { contextLength } = tower.config;
    const path = tokenizer ?? (await tokenizerPath(weights));
    return { tower, tokenizer: await loadTokenizer(path, { contextLength, overlong: 'refuse' }) };
  } catch (error) {
    tower.dispose();
    throw error;
  }
}
