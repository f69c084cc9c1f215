import type { Protocol } from '@ltml/data';
import { countPredictions, logitAbove, precisionRecall, type Scores, shotAccuracy } from '@ltml/metrics';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { averagePrecisionMetrics, type MetricsOfScores } from '@ltml/train';

/**
 * The metrics that epochs are compared by: mAP by group, and those metrics of the protocol that fit the scores. CF1 and
 * OF1 need logits of independent classes (sigmoid). Accuracy needs one label per image.
 */
export function epochMetrics(protocol: Protocol, groups: FrequencyGroups, kind: ScoreKind): MetricsOfScores {
  const precisions = averagePrecisionMetrics(groups, { emptyClasses: protocol.emptyClasses });
  const named = protocol.metrics.filter((name) => name === 'accuracy' || (name !== 'mAP' && kind === 'sigmoid'));
  const values = (scores: Scores): Record<string, number> => {
    if (protocol.labels === 'single') return { accuracy: accuracyOf(scores, groups) };
    if (kind !== 'sigmoid') return {};
    const { classF1, overallF1 } = precisionRecall(countPredictions(scores, { decide: logitAbove(0) }));
    return { CF1: classF1, OF1: overallF1 };
  };
  const metrics = (scores: Scores): Record<string, number> => ({ ...precisions(scores), ...values(scores) });
  return Object.assign(metrics, { names: [...(precisions.names ?? []), ...named] });
}

function accuracyOf(scores: Scores, groups: FrequencyGroups): number {
  const { rows, columns, present } = scores;
  const labels = Array.from({ length: rows }, (_, row) =>
    present.subarray(row * columns, (row + 1) * columns).indexOf(1),
  );
  return shotAccuracy(scores, labels, groups).top1;
}
