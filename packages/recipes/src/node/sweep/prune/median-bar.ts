import type { History } from './history.ts';
import type { MedianRule } from './pruning.ts';

/**
 * What the best value of a run must reach to go on, by the median stopping rule: the median, over the runs that are done, of
 * the mean of their values up to the same epoch.
 *
 * @param own up to the evaluation that is decided on; at least one
 * @param done histories of the runs that are done
 * @returns undefined where the run goes on whatever its value
 * Source: Golovin et al., Google Vizier: A Service for Black-Box Optimization, KDD 2017, the median automated stopping rule.
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
  // Of two that are −∞ the mean would be none.
  return low === high ? low : (low + high) / 2;
}
