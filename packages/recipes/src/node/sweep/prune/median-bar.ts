import type { History } from './history.ts';
import type { MedianRule } from './pruning.ts';

/**
 * The value that a run must have reached to continue, by the median stopping rule. It is compared with the run's best
 * value so far. For each finished run take the mean of its values up to the same epoch; the bar is the median of these
 * means.
 *
 * @param own evaluations of this run so far; at least one
 * @param done evaluations of the finished runs
 * @returns undefined if the run continues with any value
 * Source: Golovin et al., Google Vizier: A Service for Black-Box Optimization, KDD 2017, the median automated stopping
 * rule.
 */
export function medianBar(
  own: History,
  done: readonly History[],
  { fromEpoch, afterRuns }: MedianRule,
): number | undefined {
  const { epoch } = own[own.length - 1];
  if (epoch < fromEpoch) return undefined;
  const means = done.flatMap((history) => {
    const values = history.filter((at) => at.epoch <= epoch).map(({ value }) => value);
    return values.length === 0 ? [] : [values.reduce((sum, value) => sum + value, 0) / values.length];
  });
  if (means.length < afterRuns) return undefined;
  means.sort((a, b) => a - b);
  const [low, high] = [means[(means.length - 1) >> 1], means[means.length >> 1]];
  return (low + high) / 2;
}
