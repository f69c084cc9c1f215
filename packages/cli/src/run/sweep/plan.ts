import { planSweep } from '@ltml/recipes/node';
import { checkFolder } from '../../paths.ts';
import { printJson, printLines, shellPath } from '../../terminal.ts';

export interface PlanSweepOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Writes the manifest of a sweep. */
export async function plan(file: string, { out, json }: PlanSweepOptions): Promise<void> {
  checkFolder('--out', out);
  const { runs, repeated } = await planSweep(file, out);
  if (json) {
    await printJson(runs, 2);
    return;
  }
  const again = repeated > 0 ? `; ${repeated} more came to the recipe of another one` : '';
  await printLines(
    `${out}: ${runs.length === 1 ? '1 run' : `${runs.length} runs`}${again}`,
    `run them: ltml sweep run ${shellPath(out)} --all${runs.length === 1 ? '' : `, or one of them: --index 0 … ${runs.length - 1}`}`,
  );
}
