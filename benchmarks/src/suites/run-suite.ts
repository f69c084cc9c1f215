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

export interface RunSuitesOptions extends PlanOptions {
  /** As many runs are done at a time; default one runner in this process. */
  readonly runners?: readonly Runner[];
  /** Told how far the work is, in [0, 1], and what it is at. */
  readonly onProgress?: (done: number, at: string) => void;
  /** Told of each run that has finished, and of each that had before. */
  readonly onRun?: (run: FinishedRun) => void;
  /** Told of a run that failed, or that can't be done because its preparation failed; the others go on. */
  readonly onFailure?: (run: FailedRun) => void;
  /** Told of what is wrong and stops nothing. */
  readonly onWarning?: (message: string) => void;
  /** Stops between two steps, with a checkpoint of each run and the signal's reason as the error. */
  readonly signal?: AbortSignal;
}

export interface FinishedRun {
  readonly suite: Suite;
  readonly title: string;
  readonly seed: number;
  /** Left out of a preparation, which is in no table. */
  readonly measures?: Readonly<Record<string, number>>;
  /** Of training. */
  readonly seconds: number;
  /** Of the whole work, in [0, 1]. */
  readonly done: number;
  /** Whether it was in the folder already. */
  readonly already: boolean;
}

/** A run that failed, or was not begun. */
export interface FailedRun {
  readonly planned: PlannedRun;
  readonly error: unknown;
}

/**
 * Runs every recipe of suites with every seed, each into a run folder `<suite>/<row>/seed-<n>`. Runs that have finished are
 * not done again, and one that was stopped goes on from its checkpoint: suites that were killed are run again.
 *
 * @returns the runs that failed
 * @throws UsageError for a mistake in a recipe; OptionError if a folder holds a run of another recipe
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
  // For the time of this command; where it is killed, until it has gone on.
  const features = join(folder, 'features');
  const meter = new RunMeter(missing);
  for (const run of finished) onRun({ ...finishedRun(run), done: meter.done, already: true });
  const failed: FailedRun[] = [];
  const fail = (failure: FailedRun): void => {
    failed.push(failure);
    options.onFailure?.(failure);
  };
  /** Takes run after run until none is left. */
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
          fail({ planned: other, error: new Error(`not begun, since ${at} failed, whose encoder it takes`) });
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
