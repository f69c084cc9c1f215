import type { Protocol } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { averagePrecisionMetrics, type MetricsOfScores } from '@ltml/train';
import { metrics } from '../parts/metrics.ts';

/** The metrics that epochs are compared by: mAP by group, and the metrics that fit the labels and the scores. */
export function epochMetrics(
  { labels, emptyClasses }: Protocol,
  groups: FrequencyGroups,
  kind: ScoreKind,
): MetricsOfScores {
  const precisions = averagePrecisionMetrics(groups, { emptyClasses });
  const fitting = Object.entries(metrics).filter(
    ([, metric]) => metric.labels === labels && (metric.scores ?? kind) === kind,
  );
  const values = (scores: Scores): Record<string, number> => ({
    ...precisions(scores),
    ...Object.fromEntries(fitting.map(([name, metric]) => [name, metric.value(scores, groups)])),
  });
  return Object.assign(values, { names: [...(precisions.names ?? []), ...fitting.map(([name]) => name)] });
}
