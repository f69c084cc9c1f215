import { expect, it } from 'vitest';
import { formatScores } from '../src/score-table.ts';

const scores = {
  rows: 2,
  columns: 2,
  scores: Float32Array.of(1, -1, -1, 1),
  present: Uint8Array.of(1, 0, 0, 1),
};
const groups = { head: [0], medium: [], tail: [1] };

it('has F1 and accuracy for scores of classes by themselves alone', () => {
  const title = (kind: 'sigmoid' | 'softmax' | 'relative') =>
    formatScores(scores, groups, kind).split('\n')[0].split(/ {2,}/);
  expect(title('sigmoid')).toEqual(['%', 'mAP', 'micro F1', 'macro F1', 'accuracy']);
  expect(title('relative')).toEqual(['%', 'mAP']);
  expect(title('softmax')).toEqual(['%', 'mAP']);
});

it('has a row for each group, and a dash where there are no classes', () => {
  const lines = formatScores(scores, groups, 'relative').split('\n');
  expect(lines.map((line) => line.trim().split(/ +/))).toEqual([
    ['%', 'mAP'],
    ['total', '100.00'],
    ['head', '100.00'],
    ['medium', '–'],
    ['tail', '100.00'],
  ]);
});
