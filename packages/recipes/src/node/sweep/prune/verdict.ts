import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, runFolder, type SweepRun } from '../manifest.ts';
import { ashaBar } from './asha-bar.ts';
import { type History, readHistory } from './history.ts';
import { medianBar } from './median-bar.ts';
import type { Pruning } from './pruning.ts';

/** Why a run was pruned. */
export interface Verdict {
  /** Epochs that were done, those of all stages. */
  readonly epoch: number;
  /** Of the sweep's measure. */
  readonly value: number;
  /** What it should have reached. */
  readonly bar: number;
}

/** What is known of the runs of a sweep: a value that is in a log stays what it is. */
const known = new WeakMap<Manifest, Map<string, History>>();

/**
 * Whether a run is to be stopped after its last evaluation; nothing where it goes on. It is compared with the runs of the
 * sweep that have its seed, by the logs that are there now.
 */
export function judge(sweep: Manifest, pruning: Pruning, run: SweepRun): Verdict | undefined {
  const own = readHistory(runFolder(sweep, run), pruning);
  const last = own.at(-1);
  if (!last) return undefined;
  const others = sweep.runs.filter(({ id, seed }) => seed === run.seed && id !== run.id);
  const { by, metric, mode } = pruning;
  const histories = (runs: readonly SweepRun[]): History[] =>
    runs.map((other) => historyOf(sweep, { metric, mode }, other, last.epoch));
  const isDone = (other: SweepRun): boolean => existsSync(join(runFolder(sweep, other), 'summary.json'));
  const [value, bar] =
    by.rule === 'median'
      ? [Math.max(...own.map((at) => at.value)), medianBar(own, histories(others.filter(isDone)), by)]
      : [last.value, ashaBar(own, histories(others), by)];
  if (bar === undefined || value >= bar) return undefined;
  const sign = mode === 'max' ? 1 : -1;
  return { epoch: last.epoch, value: sign * value, bar: sign * bar };
}

/** @param until the epoch up to which it must be known */
function historyOf(sweep: Manifest, measure: Pick<Pruning, 'metric' | 'mode'>, run: SweepRun, until: number): History {
  const histories = known.get(sweep) ?? new Map<string, History>();
  known.set(sweep, histories);
  const sofar = histories.get(run.id);
  if (sofar && (sofar.at(-1)?.epoch ?? 0) >= until) return sofar;
  const history = readHistory(runFolder(sweep, run), measure);
  histories.set(run.id, history);
  return history;
}
