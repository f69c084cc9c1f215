import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalRunner, type Runner } from '@ltml/recipes/node';
import { writeFileAtomically } from '@ltml/tensor/node';
import { measures } from './measures/measures.ts';
import { checkSame, type PlannedRun, type PlanOptions, plannedRuns, type SuiteSource } from './planned-run.ts';
import { RunMeter } from './run-meter.ts';
import { RunQueue } from './run-queue.ts';
import { isFinished, readRun } from './run-record.ts';
import type { Suite } from './suite.ts';

/** Options of {@link runSuites}. */
export interface RunSuitesOptions extends PlanOptions {
  /** Each runner does one run at a time. Default: one runner in this process. */
  readonly runners?: readonly Runner[];
  /** Called with the progress in [0, 1] and the title of the current run. */
  readonly onProgress?: (done: number, at: string) => void;
  /** Called for each run that has finished, now or in an earlier call. */
  readonly onRun?: (run: FinishedRun) => void;
  /** Called for a run that failed, or was not started because its preparation failed. Other runs continue. */
  readonly onFailure?: (run: FailedRun) => void;
  /** Called with problems that do not stop a run. */
  readonly onWarning?: (message: string) => void;
  /** Stops between two steps. Each run writes a checkpoint, and the reason of the signal is thrown. */
  readonly signal?: AbortSignal;
}

/** A run that has finished. */
export interface FinishedRun {
  readonly suite: Suite;
  readonly title: string;
  readonly seed: number;
  /** Measures of the run. A preparation has none, because it is in no table. */
  readonly measures?: Readonly<Record<string, number>>;
  /** Seconds of training. */
  readonly seconds: number;
  /** Progress of the whole work, in [0, 1]. */
  readonly done: number;
  /** Whether it had finished in an earlier call. */
  readonly already: boolean;
}

/** A run that failed, or was not started. */
export interface FailedRun {
  readonly planned: PlannedRun;
  readonly error: unknown;
}

/**
 * Runs every recipe of suites with every seed, each in a run folder `<suite>/<row>/seed-<n>`. Finished runs are not
 * repeated, and a stopped run continues from its checkpoint. So after an interruption, call it again.
 *
 * @returns the runs that failed
 * @throws UsageError for a mistake in a recipe; OptionError if a folder contains a run of another recipe
 */
export async function runSuites(
  sources: readonly SuiteSource[],
  options: RunSuitesOptions,
): Promise<readonly FailedRun[]> {
  const { folder, runners = [new LocalRunner()], onProgress = () => {}, onRun = () => {}, signal } = options;
  const planned = (await Promise.all(sources.map((source) => plannedRuns(source, options)))).flat();
  for (const { suite } of sources) {
    await mkdir(join(folder, suite.name), { recursive: true });
    await writeFileAtomically(join(folder, suite.name, 'suite.json'), [`${JSON.stringify(suite, null, 2)}\n`]);
  }
  const finished = planned.filter((run) => isFinished(run.folder));
  for (const run of finished) await checkSame(run);
  const missing = planned.filter((run) => !finished.includes(run));
  const queue = new RunQueue(missing);
  // Removed at the end of this command. If it is killed, the next call uses and removes it.
  const features = join(folder, 'features');
  const meter = new RunMeter(missing);
  for (const run of finished) onRun({ ...finishedRun(run), done: meter.done, already: true });
  const failed: FailedRun[] = [];
  const fail = (failure: FailedRun): void => {
    failed.push(failure);
    options.onFailure?.(failure);
  };
  /** Takes runs until none is left. */
  const workOff = async (runner: Runner): Promise<void> => {
    for (let run = await queue.take(); run; run = await queue.take(run)) {
      signal?.throwIfAborted();
      const at = `${run.title}, seed ${run.seed}`;
      const from = performance.now();
      try {
        await runner.run(runners.length > 1 ? { ...run, features } : run, {
          onProgress: (part) => onProgress(meter.at(run, part), at),
          onWarning: options.onWarning,
          signal,
        });
        meter.finish(run, (performance.now() - from) / 1000);
        queue.finish(run);
        onRun({ ...finishedRun(run), done: meter.done, already: false });
      } catch (error) {
        const lost = queue.fail(run);
        if (signal?.aborted) throw error;
        fail({ planned: run, error });
        meter.drop(run);
        for (const other of lost) {
          fail({ planned: other, error: new Error(`not started, because ${at} failed, whose network is its encoder`) });
          meter.drop(other);
        }
      }
    }
  };
  const ends = await Promise.allSettled(runners.map(workOff));
  const stopped = ends.find((end) => end.status === 'rejected');
  if (stopped) throw signal?.reason ?? stopped.reason;
  await rm(features, { recursive: true, force: true });
  return failed;
}

function finishedRun({ suite, row, title, seed, folder }: PlannedRun): Omit<FinishedRun, 'done' | 'already'> {
  const record = readRun(folder, row);
  const isRow = Object.hasOwn(suite.rows, row);
  return {
    suite,
    title,
    seed,
    seconds: record.seconds,
    ...(isRow && { measures: measures[suite.measures].of(record) }),
  };
}
