import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tuning } from '../evaluation/tune.ts';
import { parseDescription } from '../model/read-description.ts';
import { UsageError } from '../usage-error.ts';
import { writeDescription } from './write-model.ts';

/**
 * Stores thresholds and calibration in the description of a model and replaces earlier ones. `model.json` is written
 * all or nothing.
 *
 * @param folder of a run or a model
 * @returns the path of `model.json`
 * @throws UsageError if there is no model, or its run has not finished (and would overwrite it)
 */
export async function writeTuning(folder: string, { thresholds, calibration }: Tuning): Promise<string> {
  const inRun = existsSync(join(folder, 'model', 'model.json'));
  const bundle = inRun ? join(folder, 'model') : folder;
  const path = join(bundle, 'model.json');
  if (!existsSync(path)) throw new UsageError(`no run or model in ${folder}: ${path} does not exist`);
  const description = parseDescription(await readFile(path, 'utf8'), path);
  if (!description.weights) throw new UsageError(`${folder}: the run has not finished; tune it afterwards`);
  await writeDescription(bundle, { ...description, thresholds, calibration });
  return path;
}
