import type { Protocol } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { averagePrecisionMetrics, type MetricsOfScores } from '@ltml/train';
import { metricNames, metrics } from '../parts/metrics.ts';

/** The metrics that epochs are compared by: mAP by group, and the metrics that fit the labels and the scores. */
export function epochMetrics(protocol: Protocol, groups: FrequencyGroups, kind: ScoreKind): MetricsOfScores {
  const precisions = averagePrecisionMetrics(groups, { emptyClasses: protocol.emptyClasses });
  const names = metricNames(protocol.labels, kind);
  const values = (scores: Scores): Record<string, number> => ({
    ...precisions(scores),
    ...Object.fromEntries(names.map((name) => [name, metrics[name].value(scores, groups)])),
  });
  return Object.assign(values, { names: [...(precisions.names ?? []), ...names] });
}
