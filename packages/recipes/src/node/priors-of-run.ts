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
 * Rejects a run whose model can't give class priors: it must be finished, have sigmoid scores, and know all classes.
 *
 * @param folder of a run or a model
 * @throws EntryError
 */
export async function checkPriorsRun(folder: string, classes: readonly string[]): Promise<void> {
  const path = [join(folder, 'model', 'model.json'), join(folder, 'model.json')].find(existsSync);
  if (path === undefined) throw new EntryError(`${folder} is not the folder of a run or a model`, entry);
  const { classes: known, scores, weights } = parseDescription(await readFile(path, 'utf8'), path);
  if (!weights) throw new EntryError(`the run in ${folder} has not finished`, entry);
  if (scores !== 'sigmoid')
    throw new EntryError(`the scores of ${folder} are not logits of independent classes`, entry);
  const names = new Set(known.map(({ name }) => name));
  const lacking = classes.find((name) => !names.has(name));
  if (lacking !== undefined)
    throw new EntryError(`the model of ${folder} has no class ${JSON.stringify(lacking)}`, entry);
}

/**
 * Estimates class priors with the model of a finished run: mean probabilities over images.
 *
 * @param images whose classes the model knows; see {@link checkPriorsRun}
 * @returns [C] in the order of the images' classes; 0 without images
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
