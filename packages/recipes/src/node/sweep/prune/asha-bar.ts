import type { History } from './history.ts';
import type { AshaRule } from './pruning.ts';

/**
 * What the value of a run must reach at a rung to go on, by asynchronous successive halving. Rungs are at r, rη, rη² … epochs.
 * Of the n runs that have reached a rung so far, this one counted, the best ⌊n/η⌋ go on; of fewer than η, all do.
 *
 * This is the form that stops runs, where the paper's Algorithm 2 pauses them and goes on with those that prove to be good.
 *
 * @param own up to the evaluation that is decided on; at least one
 * @param others histories of all other runs, whatever became of them
 * @returns undefined where the run goes on whatever its value, as between rungs
 * Source: Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020.
 */
export function ashaBar(own: History, others: readonly History[], { fromEpoch, factor }: AshaRule): number | undefined {
  const { epoch, value } = own[own.length - 1];
  let rung = fromEpoch;
  while (rung * factor <= epoch) rung *= factor;
  const before = own.at(-2)?.epoch ?? 0;
  if (rung > epoch || rung <= before) return undefined;
  // Where not every epoch is evaluated, the next evaluation stands for the rung.
  const reached = others.flatMap((history) => history.find((at) => at.epoch >= rung)?.value ?? []);
  const values = [...reached, value].sort((a, b) => b - a);
  const going = Math.floor(values.length / factor);
  return going === 0 ? undefined : values[going - 1];
}
