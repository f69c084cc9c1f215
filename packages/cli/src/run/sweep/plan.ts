import { planSweep } from '@ltml/recipes/node';
import { makeFolder } from '../../paths.ts';
import { printJson, printLines, shellPath } from '../../terminal.ts';

export interface PlanSweepOptions {
  readonly out: string;
  readonly json?: boolean;
}

/** Writes the manifest of a sweep. */
export async function plan(file: string, { out, json }: PlanSweepOptions): Promise<void> {
  makeFolder('--out', out);
  const { runs, repeated } = await planSweep(file, out);
  if (json) {
    await printJson(runs, 2);
    return;
  }
  const again = repeated > 0 ? `; ${repeated} more came to the recipe of another one` : '';
  await printLines(
    `${out}: ${runs.length} runs${again}`,
    `run them: ltml sweep run ${shellPath(out)} --all, or one of them: --index 0 … ${runs.length - 1}`,
  );
}
