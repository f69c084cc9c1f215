import { planSweep } from '@ltml/recipes/node';
import { checkFolder } from '../../paths.ts';
import { ProgressLine, rateFrom } from '../../progress-line.ts';
import { printErrors, printJson, printLines, shellPath } from '../../terminal.ts';

/** Options of `ltml sweep plan`. */
export interface PlanSweepOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Writes the manifest of a sweep and prints how to run it. */
export async function plan(file: string, { out, json }: PlanSweepOptions): Promise<void> {
  checkFolder('--out', out);
  const line = new ProgressLine();
  const rate = rateFrom();
  const onProgress = (done: number, total: number): void =>
    line.show(done / total, `${done} of ${total} recipes, ${rate(done)} a second`);
  const { runs, repeated, notes } = await planSweep(file, out, { onProgress }).finally(() => line.clear());
  printErrors(...notes);
  if (json) {
    await printJson(runs, 2);
    return;
  }
  const again = repeated > 0 ? `; ${repeated} more left out: same recipe as another run` : '';
  await printLines(
    `${out}: ${runs.length === 1 ? '1 run' : `${runs.length} runs`}${again}`,
    `run them: ltml sweep run ${shellPath(out)} --all${runs.length === 1 ? '' : `, or one of them: --index 0 … ${runs.length - 1}`}`,
  );
}
