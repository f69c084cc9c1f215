import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { classShare } from '@ltml/data';
import {
  type ClassStatistics,
  classStatistics,
  gcnAdjacency,
  negativeTolerantShift,
  rebalancedWeights,
  repeatRate,
} from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import { matrix } from '../../../packages/losses/parity/loss-values.ts';
import type {
  ParityAdapter,
  ParityAdapters,
  ParityInputs,
  ParityValue,
} from '../../../packages/tensor/parity/adapter.ts';

/** Training labels of the data file named by a case. The file is beside the folder of the stored values. */
function labelsOfFile(inputs: ParityInputs): number[][] {
  const file = basename((inputs.params.labels_from as string).split(':')[0]);
  const path = join(inputs.folder, '..', '..', 'data', file);
  return (JSON.parse(readFileSync(path, 'utf8')) as { train: { labels: number[][] } }).train.labels;
}

function statisticsOfRows(rows: readonly (readonly number[])[], columns: number): ClassStatistics {
  const present = new Uint8Array(rows.length * columns);
  for (const [k, row] of rows.entries()) for (const c of row) present[k * columns + c] = 1;
  return classStatistics({ rows: rows.length, columns, present });
}

function dense(rows: readonly (readonly number[])[], columns: number): tf.Tensor2D {
  const values = rows.map((row) => Array.from({ length: columns }, (_, c) => Number(row.includes(c))));
  return tf.tensor2d(values, [rows.length, columns]);
}

const rebalanceWeight: ParityAdapter = (inputs): Record<string, ParityValue> => {
  const { alpha, beta, mu, train_num: trainCount } = inputs.params as Record<string, number>;
  const classCounts = inputs.numbers('class_freq');
  const statistics = { classCounts, trainCount };
  const columns = classCounts.length;
  if (inputs.has('labels')) {
    const labels = matrix(inputs, 'labels');
    const present = Uint8Array.from(inputs.numbers('labels'));
    return {
      repeat_rate: repeatRate(labels, statistics),
      weight: rebalancedWeights(labels, statistics, { alpha, beta, mu }),
      class_share: classShare(classStatistics({ rows: labels.shape[0], columns, present })),
    };
  }
  const all = labelsOfFile(inputs);
  const rows = inputs.numbers('image_index').map((k) => all[k]);
  const labels = dense(rows, columns);
  const rates = repeatRate(labels, statistics);
  const weights = rebalancedWeights(labels, statistics, { alpha, beta, mu });
  const byRate = rates.dataSync();
  const byEntry = weights.dataSync();
  return {
    repeat_rate: rates,
    label_row_ptr: [0, ...rows.map((_, k) => rows.slice(0, k + 1).flat().length)],
    label_col_idx: rows.flat(),
    raw_weight_pos: rows.flatMap((row, k) => row.map((c) => 1 / classCounts[c] / byRate[k])),
    weight_pos: rows.flatMap((row, k) => row.map((c) => byEntry[k * columns + c])),
    weight_dense_first40: tf.slice(weights, [0, 0], [Math.min(40, rows.length), columns]),
    class_share: classShare(statisticsOfRows(all, columns)),
    nu_over_kappa: negativeTolerantShift(statistics, { kappa: 1 }),
  };
};

const adjacency: ParityAdapter = (inputs) => {
  const classCounts = inputs.numbers('class_count');
  const flat = inputs.numbers('cooccurrence');
  const size = classCounts.length;
  // The authors leave the diagonal at 0. Ours holds the number of images of each class.
  const cooccurrence = classCounts.map((n, i) =>
    flat.slice(i * size, (i + 1) * size).map((both, j) => (i === j ? n : both)),
  );
  const statistics = { classCounts, cooccurrence, trainCount: Math.max(...classCounts) };
  const graph = gcnAdjacency(statistics, { threshold: inputs.params.t as number });
  return { A: graph.adjacency, A_normalised: graph.normalized };
};

/** Comparisons of counts from labels, and of weights computed from them. */
export const labelStatisticsAdapters: ParityAdapters = {
  'ResampleLoss.rebalance_weight': rebalanceWeight,
  'ML-GCN adjacency': adjacency,
};
