import type { History } from './history.ts';
import type { AshaRule } from './pruning.ts';

/**
 * The value that a run must reach at a rung to continue, by asynchronous successive halving. Rungs are at r, rη, rη², …
 * epochs. Of the n runs that have reached a rung so far, including this one, the best ⌊n/η⌋ continue. If n < η, all
 * continue.
 *
 * This variant stops runs. Algorithm 2 of the paper pauses them instead and resumes the promising ones.
 *
 * @param own evaluations of this run so far; at least one
 * @param others evaluations of all other runs, including stopped ones
 * @returns undefined if the run continues with any value, e.g. between rungs
 * Source: Li et al., A System for Massively Parallel Hyperparameter Tuning, MLSys 2020.
 */
export function ashaBar(own: History, others: readonly History[], { fromEpoch, factor }: AshaRule): number | undefined {
  const { epoch, value } = own[own.length - 1];
  let rung = fromEpoch;
  while (rung * factor <= epoch) rung *= factor;
  const before = own.at(-2)?.epoch ?? 0;
  if (rung > epoch || rung <= before) return undefined;
  // If not every epoch is evaluated, the next evaluation counts for the rung.
  const reached = others.flatMap((history) => history.find((at) => at.epoch >= rung)?.value ?? []);
  const values = [...reached, value].sort((a, b) => b - a);
  const going = Math.floor(values.length / factor);
  return going === 0 ? undefined : values[going - 1];
}
