import { type AveragePrecisionOptions, averagePrecision, meanAveragePrecision, type Scores } from '@ltml/metrics';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import type { MetricsOfScores } from './validation.ts';

/**
 * Metrics for validation, as fractions: `mAP`, and `mAP/head`, `mAP/medium`, `mAP/tail` for the groups that have
 * classes.
 *
 * @param groups see `frequencyGroups` of `@ltml/tensor/labels`
 */
export function averagePrecisionMetrics(
  groups: FrequencyGroups,
  options: AveragePrecisionOptions = {},
): MetricsOfScores {
  const occupied = Object.entries(groups).filter(([, classes]: [string, readonly number[]]) => classes.length > 0);
  const metrics = (scores: Scores): Record<string, number> => {
    const perClass = averagePrecision(scores, options);
    const means = occupied.map(([name, classes]) => [`mAP/${name}`, meanAveragePrecision(perClass, classes)]);
    return { mAP: meanAveragePrecision(perClass), ...Object.fromEntries(means) };
  };
  return Object.assign(metrics, { names: ['mAP', ...occupied.map(([name]) => `mAP/${name}`)] });
}
