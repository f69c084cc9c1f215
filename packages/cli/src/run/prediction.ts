import type { DecodeMode } from '@ltml/images/node';
import { ProgressLine } from '../progress-line.ts';
import { printJson, printLines } from '../terminal.ts';

/** The classes of one picture, the likeliest first. */
export interface Prediction {
  readonly image: string;
  readonly scores: readonly RankedClass[];
}

export interface RankedClass {
  readonly class: string;
  readonly score: number;
}

export interface PredictionOptions {
  /** Classes printed of each picture. */
  readonly top: number;
  /** Take pictures as their files store them, not upright. */
  readonly asStored?: boolean;
  /** Go on after a picture that can't be read, and count it. */
  readonly skipBroken?: boolean;
  readonly json?: boolean;
}

/** How pictures are read: people's own are seen upright. */
export function decodeModeOf({ asStored = false }: Pick<PredictionOptions, 'asStored'>): DecodeMode {
  return asStored ? 'as-pil' : 'upright';
}

/** The best classes by their scores. */
export function rankClasses(scores: ArrayLike<number>, classes: readonly string[], top: number): RankedClass[] {
  return Array.from(scores, (score, c) => ({ class: classes[c], score }))
    .sort((a, b) => b.score - a.score)
    .slice(0, top);
}

/** Prints what is predicted of each picture as soon as it is, so that memory does not grow with their number. */
export async function printPredictions(
  images: readonly string[],
  { json = false, skipBroken = false }: PredictionOptions,
  predict: (image: string) => Promise<readonly RankedClass[]>,
): Promise<void> {
  const line = new ProgressLine();
  let broken = 0;
  try {
    for (const [i, image] of images.entries()) {
      let scores: readonly RankedClass[];
      try {
        scores = await predict(image);
      } catch (error) {
        if (!skipBroken) throw error;
        line.print((error as Error).message);
        broken++;
        continue;
      }
      await print({ image, scores }, json);
      line.show((i + 1) / images.length, image);
    }
  } finally {
    line.clear();
  }
  if (broken > 0) line.print(`${broken} of ${images.length} pictures could not be read`);
}

/** One JSON line, or a small table. */
async function print(prediction: Prediction, json: boolean): Promise<void> {
  if (json) return printJson(prediction);
  const width = prediction.scores.reduce((widest, { class: name }) => Math.max(widest, name.length), 0);
  const rows = prediction.scores.map(({ class: name, score }) => `  ${name.padEnd(width)}  ${score.toFixed(3)}`);
  await printLines(prediction.image, ...rows);
}
