import { writeChecked } from '@ltml/engines/node/export';
import { type ModelDescription, type Storage, storeBundle } from '@ltml/recipes/node';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import { ProgressLine } from '../../progress-line.ts';
import { printErrors, printLines } from '../../terminal.ts';
import { percent } from '../../text-table.ts';

/** Options of `ltml export --to bundle`. */
export interface ExportBundleOptions {
  /** The folder to write. */
  readonly out: string;
  readonly storage: Storage;
  /** Licence of the weights, as an SPDX name. */
  readonly licence?: string;
  readonly best?: boolean;
  readonly backend?: BackendArgument;
}

/** Writes the model of a run as a model bundle. */
export async function exportBundle(
  run: string,
  { out, storage, licence, best = false, backend }: ExportBundleOptions,
): Promise<void> {
  await startEngine(backend);
  const onWarning = (message: string): void => printErrors(`warning: ${message}`);
  const line = new ProgressLine();
  let weights: ModelDescription['weights'] = null;
  await writeChecked(
    out,
    async (path) => {
      const onProgress = (done: number): void => line.show(done, 'scoring validation images');
      const options = { storage, best, onWarning, onProgress, ...(licence !== undefined && { licence }) };
      ({ weights } = await storeBundle(run, path, options).finally(() => line.clear()));
    },
    async () => {},
  );
  await printLines(`wrote ${out}: weights as ${storage}`, ...costLines(weights));
}

/** Lines about the loss of accuracy from storing in fewer bits. */
function costLines(weights: ModelDescription['weights']): string[] {
  if (!weights || weights.storage === 'float32') return [];
  const { difference, cost } = weights;
  const { float32 = 0, stored = 0 } = cost?.mAP ?? {};
  const change = 100 * (stored - float32);
  return [
    `scores of 32 sample pictures change by at most ${difference.toExponential(1)}`,
    cost
      ? `mAP of ${cost.images} validation images: ${percent(float32)} % before, ${percent(stored)} % now (${change < 0 ? '' : '+'}${change.toFixed(2)})`
      : 'mAP was not measured: the validation images of the run are not on this machine',
  ];
}
