import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyClipTokenizerFile } from '@ltml/backbone/node';
import { usualClip } from '../../parts/clip.ts';
import { methods } from '../../parts/methods.ts';
import type { NamedPart } from '../../parts/part.ts';
import type { Recipe } from '../../recipe/recipe.ts';

/** Of word vectors. */
const vectorWidth = 300;

/** What the texts of CLIPs are wide. */
const clipWidths: Readonly<Record<string, number>> = { clip_rn50: 1024, clip_vit_l14: 768 };

export interface TimingOptions {
  /** Where a tokenizer is written. */
  readonly folder: string;
  /** Images of a step. */
  readonly batchSize: number;
}

/**
 * A recipe by which steps take as long as by the given one: a few of them, on embedded scenes that are enlarged to its size,
 * with random weights and embeddings. No file needs to be there.
 */
export async function timingRecipe(recipe: Recipe, { folder, batchSize }: TimingOptions): Promise<object> {
  const { method, encoder } = recipe;
  const { classEmbeddings, clip = usualClip(encoder) } = method;
  const { needs } = await methods[method.name]();
  const takesClip = clip && !classEmbeddings && (needs.teacher || needs.text === 'tower');
  // How texts are cut does not change how long they take to be read.
  const tokenizer = join(folder, 'tokenizer.json');
  if (takesClip) await writeFile(tokenizer, await tinyClipTokenizerFile());
  return {
    ...recipe,
    data: { name: needs.labels === 'single' ? 'digits-lt-single' : 'digits-lt', share: 0.01, validation: null },
    encoder: { ...encoder, weights: 'none' },
    method: {
      ...method,
      ...(classEmbeddings && { classEmbeddings: { name: 'random', width: widthOf(classEmbeddings) } }),
      ...(takesClip && { clip: { name: clip.name, weights: 'none', tokenizer } }),
    },
    batchSize,
    dropLast: false,
    steps: 2,
    evaluation: { every: 1000 },
  };
}

function widthOf({ name, encoder }: NamedPart): number {
  return name === 'clip' ? (clipWidths[String(encoder)] ?? 512) : vectorWidth;
}
