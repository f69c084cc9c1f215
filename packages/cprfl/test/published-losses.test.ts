import { type LossName, publishedLoss } from '@ltml/cprfl';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { it } from 'vitest';

const statistics = { trainCount: 100, classCounts: [60, 20, 3], cooccurrence: [] };
const x = [
  [1.5, -0.5, 0.2],
  [-2, 0.7, -1],
];
const y = [
  [1, 0, 0],
  [0, 1, 1],
];

/** The re-weighted losses in plain loops, from the formulas of the paper's Table 2 and the constants of its code. */
function oracle({
  by,
  focal,
  lambda,
  mu,
  weight,
}: { by: 'class' | 'image'; focal: 'entry' | 'batch' | null } & Record<'lambda' | 'mu' | 'weight', number>): number {
  const n = statistics.classCounts;
  const rows = x.map((row, b) =>
    row.map((logit, i) => {
      const shifted = logit - (0.05 * Math.log(statistics.trainCount / n[i] - 1)) / lambda;
      const z = y[b][i] ? shifted : -lambda * shifted;
      const e = Math.log1p(Math.exp(-z));
      const all = n.reduce((sum, count, k) => sum + y[b][k] / count, 0);
      const r = by === 'class' ? 0.1 / (1 - 0.9 ** n[i]) : 0.1 + 1 / (1 + Math.exp(-10 * (1 / n[i] / all - mu)));
      return { e, w: y[b][i] ? r : r / lambda };
    }),
  );
  const entries = rows.flat();
  const mean = entries.reduce((sum, { e }) => sum + e, 0) / entries.length;
  const factor = (e: number): number => (focal ? 2 * (1 - Math.exp(-(focal === 'batch' ? mean : e))) ** 2 : 1);
  return (weight * entries.reduce((sum, { e, w }) => sum + factor(e) * w * e, 0)) / entries.length;
}

const coco = { lambda: 2, mu: 0.2 };
const voc = { lambda: 5, mu: 0.3 };

it.each<[LossName, number]>([
  ['cb-focal/coco', oracle({ by: 'class', focal: 'entry', weight: 10, ...coco })],
  ['cb-focal/voc', oracle({ by: 'class', focal: 'entry', weight: 10, ...voc })],
  ['cb-focal-batch/coco', oracle({ by: 'class', focal: 'batch', weight: 10, ...coco })],
  ['cb-focal-batch/voc', oracle({ by: 'class', focal: 'batch', weight: 10, ...voc })],
  ['db/coco', oracle({ by: 'image', focal: null, weight: 0.5, ...coco })],
  ['db/voc', oracle({ by: 'image', focal: null, weight: 0.5, ...voc })],
  ['db-focal/coco', oracle({ by: 'image', focal: 'entry', weight: 1, ...coco })],
  ['db-focal/voc', oracle({ by: 'image', focal: 'entry', weight: 1, ...voc })],
  ['db-focal-batch/coco', oracle({ by: 'image', focal: 'batch', weight: 1, ...coco })],
  ['db-focal-batch/voc', oracle({ by: 'image', focal: 'batch', weight: 1, ...voc })],
])('%s is the formula with its constants', (name, expected) => {
  expectClose(lossOf(name), [expected], { relative: 1e-5 });
});

it('has the unweighted losses', () => {
  const entries = x.flatMap((row, b) => row.map((logit, i) => Math.log1p(Math.exp(y[b][i] ? -logit : logit))));
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  expectClose(lossOf('bce'), [mean(entries)]);
  expectClose(lossOf('mls'), [mean(entries)]);
  expectClose(lossOf('focal'), [mean(entries.map((e) => 2 * (1 - Math.exp(-e)) ** 2 * e))]);
});

function lossOf(name: LossName): ArrayLike<number> {
  const labels = tf.tensor2d(y);
  return publishedLoss(name, statistics)(tf.tensor2d(x), labels, tf.onesLike(labels)).dataSync();
}
