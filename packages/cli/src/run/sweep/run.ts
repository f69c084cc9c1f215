import {
  forgetFailures,
  type Manifest,
  type Runner,
  readManifest,
  type SweepRun,
  type WorkResult,
  workOn,
} from '@ltml/recipes/node';
import { UsageError } from '@ltml/recipes/usage-error';
import type { BackendArgument } from '../../option-parsers.ts';
import { ProgressLine } from '../../progress-line.ts';
import { printErrors } from '../../terminal.ts';
import { jobCount } from '../jobs/job-count.ts';
import { startRunners } from '../jobs/start-runners.ts';
import { stopSignals } from '../stop-signals.ts';

/** Options of `ltml sweep run`. */
export interface RunSweepOptions {
  readonly index?: string;
  readonly all?: boolean;
  readonly jobs?: number;
  readonly retry?: boolean;
  readonly backend?: BackendArgument;
}

/** Exit code for schedulers: the runs that are left would fail again. */
const neverWorks = 42;

/** Does runs of a sweep. A failed run is reported, and the others continue. */
export async function runSweep(folder: string, options: RunSweepOptions): Promise<void> {
  const sweep = readManifest(folder);
  const chosen = chooseRuns(sweep, options);
  if (options.retry) for (const run of chosen) await forgetFailures(sweep, run);
  const { backend = 'auto' } = options;
  const jobs = Math.min(options.jobs ?? (await jobCount(backend)), chosen.length);
  const stop = stopSignals();
  const line = new ProgressLine();
  const crew = await startRunners(jobs, backend, (engine) =>
    line.print(`${chosen.length === 1 ? '1 run' : `${chosen.length} runs`} on ${engine}`),
  );
  const parts = new Map<SweepRun, number>();
  const show = (run: SweepRun, part: number): void => {
    parts.set(run, part);
    const done = [...parts.values()].reduce((sum, each) => sum + each, 0) / chosen.length;
    line.show(done, nameOf(sweep, run));
  };
  const results: WorkResult[] = [];
  const waiting = [...chosen];
  const workOff = async (runner: Runner): Promise<void> => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      stop.signal.throwIfAborted();
      const own = run;
      const result = await workOn(sweep, own, runner, {
        onProgress: (part) => show(own, part),
        onWarning: (message) => line.print(`warning: ${message}`),
        signal: stop.signal,
      });
      results.push(result);
      show(own, 1);
      line.print(describe(sweep, result));
    }
  };
  try {
    const ends = await Promise.allSettled(crew.runners.map(workOff));
    line.clear();
    const broken = ends.find((end) => end.status === 'rejected');
    if (broken && !stop.signal.aborted) throw broken.reason;
    if (stop.signal.aborted) printErrors('stopped; finished runs and checkpoints are kept');
    process.exitCode = stop.signal.aborted ? 1 : exitCodeOf(results);
  } finally {
    crew.close();
    stop.dispose();
  }
}

function chooseRuns({ runs, folder }: Manifest, { index, all }: RunSweepOptions): readonly SweepRun[] {
  if ((index === undefined) === !all) throw new UsageError('sweep run: give --index or --all');
  if (index === undefined) return runs;
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(index) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first !== undefined && from <= to && from < runs.length) return runs.slice(from, to + 1);
  throw new UsageError(
    `--index ${index}: should be a number or a range, 0-${runs.length - 1}: ${folder} has ${runs.length} runs`,
  );
}

function nameOf({ runs }: Manifest, run: SweepRun): string {
  const entries = Object.entries(run.point).map(([entry, value]) => `${entry}=${JSON.stringify(value)}`);
  return `run ${runs.indexOf(run)}: ${[...entries, `seed=${run.seed}`].join(' ')}`;
}

function describe(sweep: Manifest, { run, outcome, reason, final }: WorkResult): string {
  const ends = {
    done: 'done',
    already: 'already done',
    pruned: reason === undefined ? 'already pruned' : `pruned: ${reason}`,
    busy: 'another process works on it',
    failed: `failed${final ? ' for good' : ''}: ${reason}`,
  };
  return `${nameOf(sweep, run)}: ${ends[outcome]}`;
}

function exitCodeOf(results: readonly WorkResult[]): number {
  const open = results.filter(({ outcome }) => outcome === 'failed' || outcome === 'busy');
  if (open.length === 0) return 0;
  return open.every(({ final }) => final) ? neverWorks : 1;
}
