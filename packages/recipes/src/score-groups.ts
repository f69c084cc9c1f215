import { type Scores, splitReport } from '@ltml/metrics';
import type { FrequencyGroups } from '@ltml/tensor/labels';

const names = ['total', 'head', 'medium', 'tail'] as const;

/**
 * mAP of all classes and of each group, as fractions, over classes with positives; null for a group without such
 * classes.
 */
export type GroupScores = Readonly<Record<(typeof names)[number], number | null>>;

/** Computes mAP by group, as in `summary.json`. */
export function scoreGroups(scores: Scores, groups: FrequencyGroups): GroupScores {
  const report = splitReport(scores, groups, { emptyClasses: 'skip' });
  const value = (score: number): number | null => (Number.isNaN(score) ? null : score);
  const entries = names.map((name) => [name, value(report[name].meanAveragePrecision)]);
  return Object.fromEntries(entries) as GroupScores;
}
