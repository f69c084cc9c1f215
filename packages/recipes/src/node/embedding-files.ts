import { readFile } from 'node:fs/promises';
import { loadClipText } from '@ltml/backbone';
import { embedByWordVectorFile, loadTinyClip, loadTokenizer, withWeights } from '@ltml/backbone/node';
import { readSafetensors } from '@ltml/tensor';
import type { EmbeddingFiles } from '../parts/class-embeddings.ts';

/** Reads what class embeddings of recipes are made with. */
export const embeddingFiles: EmbeddingFiles = {
  tinyClip: loadTinyClip,
  async clip(weights, tokenizerFile) {
    const tower = await withWeights(weights, (file) => loadClipText(file));
    try {
      const { contextLength } = tower.config;
      return { tower, tokenizer: await loadTokenizer(tokenizerFile, { contextLength, overlong: 'refuse' }) };
    } catch (error) {
      tower.dispose();
      throw error;
    }
  },
  wordVectors: embedByWordVectorFile,
  tensors: async (path) => readSafetensors(await readFile(path)).tensors,
};
