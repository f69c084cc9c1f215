import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSet } from '../build/image-set.ts';
import { parseDescription } from '../model/read-description.ts';
import { EntryError } from '../usage-error.ts';
import { evaluate } from './evaluate.ts';
import { loadModel } from './load-model.ts';

const entry = 'loss.priors.run';

/**
 * Refuses a run whose model can't say how likely each class is.
 *
 * @param folder of a run or of a model
 * @throws EntryError
 */
export async function checkPriorsRun(folder: string, classes: readonly string[]): Promise<void> {
  const path = [join(folder, 'model', 'model.json'), join(folder, 'model.json')].find(existsSync);
  if (path === undefined) throw new EntryError(`${folder} is no folder of a run or of a model`, entry);
  const { classes: known, scores, weights } = parseDescription(await readFile(path, 'utf8'), path);
  if (!weights) throw new EntryError(`the run in ${folder} has not finished`, entry);
  if (scores !== 'sigmoid')
    throw new EntryError(`the scores of ${folder} are no logits of classes by themselves`, entry);
  const names = new Set(known.map(({ name }) => name));
  const lacking = classes.find((name) => !names.has(name));
  if (lacking !== undefined)
    throw new EntryError(`the model of ${folder} has no class ${JSON.stringify(lacking)}`, entry);
}

/**
 * How likely each class is by the model of a finished run: the means of its probabilities over images.
 *
 * @param images whose classes are all known to the model; see {@link checkPriorsRun}
 * @returns [C] by the classes of the images; 0 without an image
 */
export async function priorsOfRun(folder: string, images: ImageSet, signal?: AbortSignal): Promise<number[]> {
  const model = await loadModel(folder);
  try {
    const { rows, columns, scores } = await evaluate(model, { images, ...(signal && { signal }) });
    return images.classes.map((name) => {
      const c = model.classes.indexOf(name);
      let sum = 0;
      for (let row = 0; row < rows; row++) sum += 1 / (1 + Math.exp(-scores[row * columns + c]));
      return sum / Math.max(rows, 1);
    });
  } finally {
    model.dispose();
  }
}
