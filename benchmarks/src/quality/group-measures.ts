import { pairedBootstrap, type Scores, splitReport } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import type { Interval, Measure, Measures } from './track.ts';

/** mAP over all classes, and over the head, medium and tail classes by their training images. */
export const groupMeasures: readonly Measure[] = ['total', 'head', 'medium', 'tail'].map((key) => ({
  key,
  title: `mAP ${key}`,
}));

/** {@link groupMeasures} of scores. */
export function measureGroups(scores: Scores, groups: FrequencyGroups): Measures {
  const report = splitReport(scores, groups);
  return Object.fromEntries(
    (['total', 'head', 'medium', 'tail'] as const).map((name) => [name, report[name].meanAveragePrecision]),
  );
}

/** Intervals of {@link groupMeasures} by a paired bootstrap over the test images. */
export function compareGroups(
  first: Scores,
  second: Scores,
  classCounts: readonly number[],
  seed: number,
): Record<string, Interval> {
  const groups = { total: [...classCounts.keys()], ...frequencyGroups(classCounts) };
  return pairedBootstrap(first, second, { groups, random: new RandomStream(seed) });
}
