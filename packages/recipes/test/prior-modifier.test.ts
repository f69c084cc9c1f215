import { coOccurrenceShares, priorFocalModifier } from '@ltml/losses';
import { classStatistics } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { losses } from '../src/parts/losses.ts';

const rows = [
  [1, 1, 0],
  [1, 0, 0],
  [0, 0, 0],
];
const statistics = classStatistics({ rows: 3, columns: 3, present: Uint8Array.from(rows.flat()) });
const [logits, labels, known] = [tf.tensor2d([[1, -1, 0.5]]), tf.tensor2d([[1, 0, 0]]), tf.ones<tf.Rank.R2>([1, 3])];

it('the prior focal modifier has the pairs of the training images, and can count an empty class as if one image had it', () => {
  const name = 'prior-focal-modifier';
  const bound = losses.create({ name, reduction: 'mean', clampCounts: true, negativeScale: 1.5 } as never, statistics);
  const shares = coOccurrenceShares([
    [2, 1, 0],
    [1, 1, 0],
    [0, 0, 1],
  ]);
  const options = { clampCounts: true, negativeScale: 1.5, reduction: 'mean', known } as const;
  const expected = priorFocalModifier(logits, labels, statistics, shares, options);
  for (const _ of [1, 2]) expect(bound.criterion(logits, labels, known, 0).dataSync()).toEqual(expected.dataSync());
  const strict = losses.create({ name } as never, statistics);
  expect(() => strict.criterion(logits, labels, known, 0)).toThrow('column 2');
});
