import { writeChecked } from '@ltml/engines/node/export';
import { type Storage, storeBundle } from '@ltml/recipes/node';
import { startEngine } from '../../engine.ts';
import type { BackendArgument } from '../../option-parsers.ts';
import { printErrors, printLines } from '../../terminal.ts';

export interface ExportBundleOptions {
  /** The folder to write. */
  readonly out: string;
  readonly storage: Storage;
  /** Of the weights. */
  readonly licence?: string;
  readonly best?: boolean;
  readonly backend?: BackendArgument;
}

/** Writes what a run learned as a model bundle of its own. */
export async function exportBundle(
  run: string,
  { out, storage, licence, best = false, backend }: ExportBundleOptions,
): Promise<void> {
  await startEngine(backend);
  const onWarning = (message: string): void => printErrors(`warning: ${message}`);
  let difference = 0;
  await writeChecked(
    out,
    async (path) => {
      const options = { storage, best, onWarning, ...(licence !== undefined && { licence }) };
      difference = (await storeBundle(run, path, options)).weights?.difference ?? 0;
    },
    async () => {},
  );
  await printLines(
    `wrote ${out}: weights as ${storage}`,
    `its scores of 32 sample pictures differ from those of the model by at most ${difference.toExponential(1)}`,
  );
}
