import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Manifest, runFolder, type SweepRun } from '../manifest.ts';
import { ashaBar } from './asha-bar.ts';
import { type History, readHistory } from './history.ts';
import { medianBar } from './median-bar.ts';
import type { Pruning } from './pruning.ts';

/** Why a run was pruned. */
export interface Verdict {
  /** Epochs done so far, over all stages. */
  readonly epoch: number;
  /** Value of the sweep's measure. */
  readonly value: number;
  /** The value that was needed. */
  readonly bar: number;
}

/** Evaluations read so far. Those in a log do not change, so they are not read again. */
const known = new WeakMap<Manifest, Map<string, History>>();

/**
 * Judges a run after its last evaluation. Undefined if it should continue. It is compared with the runs of the sweep
 * that have the same seed, by their logs so far.
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

/** @param until the history must reach this epoch, if the log does */
function historyOf(sweep: Manifest, measure: Pick<Pruning, 'metric' | 'mode'>, run: SweepRun, until: number): History {
  const histories = known.get(sweep) ?? new Map<string, History>();
  known.set(sweep, histories);
  const sofar = histories.get(run.id);
  if (sofar && (sofar.at(-1)?.epoch ?? 0) >= until) return sofar;
  const history = readHistory(runFolder(sweep, run), measure);
  histories.set(run.id, history);
  return history;
}
