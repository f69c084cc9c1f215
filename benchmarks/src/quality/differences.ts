import { pairedBootstrap, type Scores } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import { frequencyGroups } from '@ltml/tensor/labels';
import { groupNames } from './record.ts';
import { type Differences, type MethodSummary, spread } from './summary.ts';

/**
 * Differences in mAP to the baseline with 95 % intervals: for each seed a paired bootstrap over the test images, then the
 * mean over seeds of the difference and of both ends. Averaging over seeds does not narrow the interval.
 *
 * @param scores of each method, in the order of the seeds
 */
export function compareWithBaseline(
  scores: ReadonlyMap<string, readonly Scores[]>,
  baseline: string,
  classCounts: readonly number[],
): Differences {
  const groups = { total: [...classCounts.keys()], ...frequencyGroups(classCounts) };
  const reference = scores.get(baseline) ?? [];
  const differences: Record<string, MethodSummary['difference']> = {};
  for (const [key, own] of scores) {
    if (key === baseline) continue;
    // Every method meets the same draws of images.
    const intervals = own.map((after, i) =>
      pairedBootstrap(reference[i], after, { groups, random: new RandomStream(i) }),
    );
    differences[key] = Object.fromEntries(
      groupNames.map((name) => [
        name,
        {
          mean: spread(intervals.map((interval) => interval[name].difference)).mean,
          low: spread(intervals.map((interval) => interval[name].low)).mean,
          high: spread(intervals.map((interval) => interval[name].high)).mean,
        },
      ]),
    ) as unknown as MethodSummary['difference'];
  }
  return differences;
}
