import { readAttempts, readManifest, readPruned, stateOf, sweepStates } from '@ltml/recipes/node';
import { printJson, printLines } from '../../terminal.ts';

/** Options of `ltml sweep status`. */
export interface SweepStatusOptions {
  readonly json?: boolean;
}

/** Prints the state of the runs of a sweep, read from their folders. */
export async function sweepStatus(folder: string, { json }: SweepStatusOptions): Promise<void> {
  const sweep = readManifest(folder);
  const runs = sweep.runs.map((run, index) => {
    const attempts = readAttempts(sweep, run);
    const state = stateOf(sweep, run);
    const pruned = state === 'pruned' ? readPruned(sweep, run) : undefined;
    return { index, ...run, state, ...(attempts && { attempts }), ...(pruned && { pruned }) };
  });
  if (json) {
    await printJson(runs, 2);
    return;
  }
  const counts = sweepStates.map((state) => `${runs.filter((run) => run.state === state).length} ${state}`);
  const failed = runs.filter(({ attempts }) => attempts);
  await printLines(
    `${folder}: ${runs.length} runs: ${counts.join(', ')}`,
    ...failed.map(
      ({ index, attempts }) =>
        `run ${index}: failed ${attempts?.failed === 1 ? 'once' : `${attempts?.failed} times`}: ${attempts?.reason}`,
    ),
  );
}
