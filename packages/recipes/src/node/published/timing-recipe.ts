import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyClipTokenizerFile } from '@ltml/backbone/node';
import { usualClip } from '../../parts/clip.ts';
import { methods } from '../../parts/methods.ts';
import type { NamedPart } from '../../parts/part.ts';
import type { Recipe } from '../../recipe/recipe.ts';

/** Width of word vectors. */
const vectorWidth = 300;

/** Width of the text embeddings of CLIPs that do not have 512. */
const clipWidths: Readonly<Record<string, number>> = { clip_rn50: 1024, clip_vit_l14: 768 };

/** Options of {@link timingRecipe}. */
export interface TimingOptions {
  /** Folder to write a tokenizer to. */
  readonly folder: string;
  /** Images per step. */
  readonly batchSize: number;
}

/**
 * A short recipe whose steps take as long as those of the given one. It uses embedded scenes, enlarged to the recipe's
 * size, and random weights and embeddings, so it needs no files.
 */
export async function timingRecipe(recipe: Recipe, { folder, batchSize }: TimingOptions): Promise<object> {
  const { method, encoder } = recipe;
  const { classEmbeddings, clip = usualClip(encoder) } = method;
  const { needs } = await methods[method.name]();
  const takesClip = clip && !classEmbeddings && (needs.teacher || needs.text === 'tower');
  // Any tokenizer will do: it does not change how long the text tower takes.
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
