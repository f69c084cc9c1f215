import { type Scores, type SplitScores, splitReport } from '@ltml/metrics';
import type { ScoreKind } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import { percent } from './text-table.ts';

const groupNames = ['total', 'head', 'medium', 'tail'] as const;

const cutColumns = [
  ['micro F1', 'microF1'],
  ['macro F1', 'macroF1'],
  ['accuracy', 'accuracy'],
] as const;

/**
 * A table in percent: mAP by group; also F1 and accuracy at the threshold 0 if scores are logits of independent
 * classes.
 */
export function formatScores(scores: Scores, groups: FrequencyGroups, kind: ScoreKind): string {
  const report = splitReport(scores, groups, { emptyClasses: 'skip' });
  const columns: readonly (readonly [string, keyof SplitScores])[] = [
    ['mAP', 'meanAveragePrecision'],
    ...(kind === 'sigmoid' ? cutColumns : []),
  ];
  const row = (name: string, cells: readonly string[]): string =>
    name.padEnd(8) + cells.map((cell) => cell.padStart(10)).join('');
  return [
    row(
      '%',
      columns.map(([title]) => title),
    ),
    ...groupNames.map((name) =>
      row(
        name,
        columns.map(([, key]) => percent(report[name][key])),
      ),
    ),
  ].join('\n');
}
