import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  asymmetricLoss,
  asymmetricLossSingleLabel,
  binaryCrossEntropy,
  type ClassFrequencies,
  type ClassStatistics,
  classShare,
  classStatistics,
  cosineSimilarityLoss,
  type DistributionBalancedLossOptions,
  distributionBalancedLoss,
  distributionBalancedParts,
  type FocalFactor,
  focalLoss,
  gcnAdjacency,
  kPositiveCrossEntropy,
  ldamLoss,
  ldamMargins,
  multiLabelSoftMargin,
  type NegativeTolerance,
  negativeTolerantShift,
  partialBinaryCrossEntropy,
  partialBinaryCrossEntropyPerImage,
  type RankingLossOptions,
  type Reduction,
  type Reweighting,
  rankingLoss,
  rankingViolations,
  rebalancedWeights,
  reconstructionLoss,
  repeatRate,
} from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from './adapter.ts';

/** A loss of logits under a reduction; the stored `loss` of the reduction `none` is the mean of its entries. */
type Loss = (logits: tf.Tensor2D, reduction: Reduction) => tf.Tensor;

/** Value, gradient and entries of a loss, under the names that `golden/losses` stores. */
function outputs(inputs: ParityInputs, loss: Loss, reduction?: Reduction): Record<string, ParityValue> {
  const asked = reduction ?? (inputs.params.reduction as Reduction | undefined) ?? 'mean';
  const scalar = asked === 'none' ? 'mean' : asked;
  const logits = matrix(inputs, 'logits');
  const { value, grad } = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, scalar) as tf.Scalar)(logits);
  return { loss: value, grad_logits: grad, loss_elementwise: loss(logits, 'none') };
}

function matrix(inputs: ParityInputs, name: string): tf.Tensor2D {
  return inputs.tensor(name) as tf.Tensor2D;
}

function optional(inputs: ParityInputs, name: string): tf.Tensor2D | undefined {
  return inputs.has(name) ? matrix(inputs, name) : undefined;
}

function numbers(inputs: ParityInputs, name: string): number[] | undefined {
  return inputs.has(name) ? inputs.numbers(name) : undefined;
}

/** The options that are given: those left out are not there. */
function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function mask(condition: tf.Tensor): tf.Tensor2D {
  return tf.cast(condition, 'float32') as tf.Tensor2D;
}

/** Labels −1, 0, 1 of a part where −1 is unknown: what is present, and what is known. */
function unknownIsMinusOne(labels: tf.Tensor2D): { present: tf.Tensor2D; known: tf.Tensor2D } {
  return { present: tf.relu(labels), known: mask(tf.greaterEqual(labels, 0)) };
}

/** Labels −1, 0, 1 of a part where −1 is absent and 0 unknown. */
function unknownIsZero(labels: tf.Tensor2D): { present: tf.Tensor2D; known: tf.Tensor2D } {
  return { present: tf.relu(labels), known: mask(tf.notEqual(labels, 0)) };
}

function frequencies(inputs: ParityInputs): ClassFrequencies {
  return { classCounts: inputs.numbers('class_freq'), trainCount: inputs.numbers('train_num')[0] };
}

const modes = { by_class: 'byClass', average_n: 'averageN', average_w: 'averageW', min_n: 'minN' } as const;

function reweighting(params: Readonly<Record<string, unknown>>): Reweighting {
  const { alpha, beta, mu } = params as Record<string, number>;
  switch (params.reweight) {
    case 'inv':
      return { by: 'inv' };
    case 'sqrt_inv':
      return { by: 'sqrtInv' };
    case 'rebalance':
      return { by: 'rebalance', alpha, beta, mu };
    case 'CB':
      return { by: 'classBalanced', beta: params.cb_beta as number, mode: modes[params.cb_mode as keyof typeof modes] };
    default:
      return { by: 'none' };
  }
}

/** `kappa_effective` already is divided by λ where the authors do so. */
function tolerance(params: Readonly<Record<string, unknown>>): NegativeTolerance {
  return given({ kappa: params.kappa_effective as number | undefined, lambda: params.lambda as number | undefined });
}

function resampleOptions(
  params: Readonly<Record<string, unknown>>,
  scope: FocalFactor['scope'],
): DistributionBalancedLossOptions {
  const norms = { by_instance: 'instance', by_batch: 'batch' } as const;
  return {
    reweight: reweighting(params),
    weightNorm: norms[params.weight_norm as keyof typeof norms] ?? 'none',
    lossWeight: params.loss_weight as number,
    ntr: tolerance(params),
    focal: params.focal ? given({ gamma: params.gamma as number, balance: params.balance as number, scope }) : null,
  };
}

function resampleLoss(scope: 'element' | 'batch'): ParityAdapter {
  return (inputs) => {
    const labels = matrix(inputs, 'labels');
    const statistics = frequencies(inputs);
    const options = resampleOptions(inputs.params, scope);
    const loss: Loss = (x, reduction) => distributionBalancedLoss(x, labels, statistics, { ...options, reduction });
    const parts = distributionBalancedParts(matrix(inputs, 'logits'), labels, statistics, options);
    return {
      // The fork gives one number only.
      ...outputs(inputs, scope === 'batch' ? (x) => loss(x, 'mean') : loss),
      weight_before_logit_reg: parts.weights,
      weight_final: parts.regularizedWeights,
      logits_regularised: parts.regularizedLogits,
      init_bias_vector: negativeTolerantShift(statistics, options.ntr ?? {}).map((shift) => -shift),
    };
  };
}

const partialResampleLoss: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const statistics = frequencies(inputs);
  const options = { ...resampleOptions(inputs.params, 'element'), known };
  return outputs(inputs, (x, reduction) => distributionBalancedLoss(x, present, statistics, { ...options, reduction }));
};

const crossEntropy: ParityAdapter = (inputs) => {
  const { loss_weight, thrds, avg_factor } = inputs.params;
  const options = given({
    lossWeight: loss_weight as number | undefined,
    thresholds: thrds as [number, number] | undefined,
    divisor: avg_factor as number | undefined,
    weight: optional(inputs, 'weight'),
    positiveWeight: numbers(inputs, 'pos_weight'),
  });
  const labels = matrix(inputs, 'labels');
  return outputs(inputs, (x, reduction) => binaryCrossEntropy(x, labels, { ...options, reduction }));
};

const softMargin: ParityAdapter = (inputs) => {
  const labels = matrix(inputs, 'labels');
  const options = given({ classWeight: numbers(inputs, 'class_weight') });
  return outputs(inputs, (x, reduction) => multiLabelSoftMargin(x, labels, { ...options, reduction }));
};

const kPositive: ParityAdapter = (inputs) => {
  const labels = matrix(inputs, 'labels');
  return outputs(inputs, (x, reduction) => kPositiveCrossEntropy(x, labels, { reduction }));
};

const partialCrossEntropy: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const options = given({ weight: optional(inputs, 'weight'), known });
  const unreduced = inputs.params.reduction === 'none';
  // Without reduction the stored loss is the mean over all entries, known or not.
  const loss: Loss = (x, reduction) =>
    unreduced && reduction === 'mean'
      ? tf.mean(partialBinaryCrossEntropy(x, present, { ...options, reduction: 'none' }))
      : partialBinaryCrossEntropy(x, present, { ...options, reduction });
  return outputs(inputs, loss);
};

const focal: ParityAdapter = (inputs) => {
  const { gamma, balance_param, partial } = inputs.params;
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const options = given({
    gamma: gamma as number,
    balance: balance_param as number,
    weight: optional(inputs, 'weight'),
    known: partial ? known : undefined,
  });
  return outputs(inputs, (x, reduction) => focalLoss(x, present, { ...options, reduction }));
};

const asymmetric: ParityAdapter = (inputs) => {
  const { gamma_neg, gamma_pos, clip, eps, stop_gradient_focal_weight } = inputs.params;
  const options = {
    gammaNegative: gamma_neg as number,
    gammaPositive: gamma_pos as number,
    clip: clip as number,
    epsilon: eps as number,
    factorGradient: !stop_gradient_focal_weight,
  };
  const labels = matrix(inputs, 'labels');
  return outputs(inputs, (x, reduction) => asymmetricLoss(x, labels, { ...options, reduction }));
};

const asymmetricSingleLabel: ParityAdapter = (inputs) => {
  const { gamma_neg, gamma_pos, eps } = inputs.params;
  const options = {
    gammaNegative: gamma_neg as number,
    gammaPositive: gamma_pos as number,
    smoothing: eps as number,
  };
  const classes = matrix(inputs, 'logits').shape[1];
  const labels = mask(tf.oneHot(inputs.tensor('labels'), classes));
  return outputs(inputs, (x, reduction) => asymmetricLossSingleLabel(x, labels, { ...options, reduction }));
};

function similarity(loss: (s: tf.Tensor2D, reference: tf.Tensor2D) => tf.Scalar): ParityAdapter {
  return (inputs) => {
    const arguments_ = [matrix(inputs, 's'), matrix(inputs, 's_')];
    const differentiated = tf.valueAndGrads((s, reference) => loss(s as tf.Tensor2D, reference as tf.Tensor2D));
    const { value, grads } = differentiated(arguments_);
    return { loss: value, grad_s: grads[0], grad_s_: grads[1] };
  };
}

const ldam: ParityAdapter = (inputs) => {
  const classCounts = inputs.numbers('class_freq');
  // The margins depend on n alone.
  const statistics = { classCounts, trainCount: Math.max(...classCounts) };
  const { max_margin: maxMargin, s: scale } = inputs.params as Record<string, number>;
  const labels = matrix(inputs, 'labels');
  return {
    ...outputs(inputs, (x, reduction) => ldamLoss(x, labels, statistics, { maxMargin, scale, reduction })),
    margins: ldamMargins(statistics, { maxMargin }),
  };
};

/** Training labels of the data file that a case names, beside the folder of the stored values. */
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
  const cooccurrence = classCounts.map((_, i) => flat.slice(i * classCounts.length, (i + 1) * classCounts.length));
  const statistics = { classCounts, cooccurrence, trainCount: Math.max(...classCounts) };
  const graph = gcnAdjacency(statistics, { threshold: inputs.params.t as number });
  return { A: graph.adjacency, A_normalised: graph.normalized };
};

/** The names of `golden/cprfl`: what goes in has the prefix `in.`, what comes out `out.`, `mid.` or `grad.`. */
function cprflOutputs(inputs: ParityInputs, loss: Loss): Record<string, ParityValue> {
  const logits = matrix(inputs, 'in.logits');
  const reduction = (inputs.params.reduction as Reduction | undefined) ?? 'mean';
  const { value, grad } = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, reduction) as tf.Scalar)(logits);
  return { 'out.loss': value, 'grad.logits': grad };
}

const cprflAsymmetric: ParityAdapter = (inputs) => {
  const { gamma_neg, gamma_pos, clip, eps, detach_focal_weight } = inputs.params;
  const options = {
    gammaNegative: gamma_neg as number,
    gammaPositive: gamma_pos as number,
    clip: clip as number,
    epsilon: eps as number,
    factorGradient: !detach_focal_weight,
  };
  const labels = matrix(inputs, 'in.targets');
  const loss: Loss = (x, reduction) => asymmetricLoss(x, labels, { ...options, reduction });
  return {
    ...cprflOutputs(inputs, loss),
    'mid.per_element_f64_reference': loss(matrix(inputs, 'in.logits'), 'none'),
  };
};

const cprflBinary: ParityAdapter = (inputs) => {
  const labels = matrix(inputs, 'in.targets');
  const loss = inputs.params.loss === 'mls' ? multiLabelSoftMargin : binaryCrossEntropy;
  return cprflOutputs(inputs, (x, reduction) => loss(x, labels, { reduction }));
};

const cprflResample: ParityAdapter = (inputs) => {
  const labels = matrix(inputs, 'in.targets');
  const classCounts = inputs.numbers('in.class_freq');
  const statistics = { classCounts, trainCount: classCounts[0] + inputs.numbers('in.neg_class_freq')[0] };
  const { reweight_func, focal, logit_reg, map_param, loss_weight, CB_loss } = inputs.params as Record<
    string,
    Record<string, number>
  >;
  const options = (scope: 'element' | 'batch'): DistributionBalancedLossOptions => ({
    reweight: reweighting({
      reweight: reweight_func,
      ...map_param,
      mu: map_param?.gamma,
      cb_beta: CB_loss?.CB_beta,
      cb_mode: CB_loss?.CB_mode,
    }),
    ntr: { kappa: logit_reg.init_bias, lambda: logit_reg.neg_scale, kappaDividedByLambda: true },
    focal: focal.focal ? { gamma: focal.gamma, balance: focal.balance_param, scope } : null,
    lossWeight: loss_weight as unknown as number,
  });
  return {
    ...cprflOutputs(inputs, (x) => distributionBalancedLoss(x, labels, statistics, options('batch'))),
    'out.loss_original_elementwise_focal': distributionBalancedLoss(
      matrix(inputs, 'in.logits'),
      labels,
      statistics,
      options('element'),
    ),
  };
};

function ranking(pairs: RankingLossOptions['pairs']): ParityAdapter {
  return (inputs): Record<string, ParityValue> => {
    const logits = matrix(inputs, 'logits');
    const { present, known } = unknownIsZero(matrix(inputs, 'labels'));
    const options = given({ margin: inputs.params.margin as number, pairs, known });
    const reduction = pairs === 'sum' ? 'sum' : 'mean';
    const { value, grad } = tf.valueAndGrad((x) => rankingLoss(x as tf.Tensor2D, present, { ...options, reduction }))(
      logits,
    );
    if (pairs === 'sum') return { loss_pair_sum: value, grad_logits_pair_sum: grad };
    return {
      loss: value,
      grad_logits: grad,
      per_sample_loss: rankingLoss(logits, present, { ...options, reduction: 'none' }),
      violations: rankingViolations(logits, present, { known, margin: options.margin }),
    };
  };
}

const sarbPartial: ParityAdapter = (inputs) => {
  const logits = matrix(inputs, 'logits');
  const { present, known } = unknownIsZero(matrix(inputs, 'targets'));
  const loss = (reduction: 'mean' | 'sum') =>
    tf.valueAndGrads((x, y) => partialBinaryCrossEntropy(x as tf.Tensor2D, y as tf.Tensor2D, { known, reduction }))([
      logits,
      present,
    ]);
  const mean = loss('mean');
  const sum = loss('sum');
  return {
    loss_mean: mean.value,
    loss_sum: sum.value,
    loss_none: partialBinaryCrossEntropy(logits, present, { known, reduction: 'none' }),
    known_count: tf.sum(known),
    'grad_mean.logits': mean.grads[0],
    'grad_mean.targets': mean.grads[1],
    'grad_sum.logits': sum.grads[0],
  };
};

const sarbPartialPerImage: ParityAdapter = (inputs) => {
  const logits = matrix(inputs, 'logits');
  const { present, known } = unknownIsZero(matrix(inputs, 'targets'));
  const loss = <R extends Reduction>(x: tf.Tensor2D, reduction: R) =>
    partialBinaryCrossEntropyPerImage(x, present, { known, reduction });
  const sum = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, 'sum'))(logits);
  return {
    loss_per_image: loss(logits, 'none'),
    loss_sum: sum.value,
    loss_mean_images: loss(logits, 'mean'),
    'grad_sum.logits': sum.grad,
  };
};

const resampleNames = [
  'DB-Focal',
  'DB',
  'R-BCE',
  'R-BCE-Focal',
  'NTR-BCE',
  'NTR-Focal',
  'CB-Focal',
  'CB',
  'CB-NTR-Focal',
  'Focal',
  'RW',
  'BCE',
];

/** Losses, their weights and label statistics. */
export const lossesAdapters: ParityAdapters = {
  ...Object.fromEntries(resampleNames.map((name) => [`ResampleLoss/${name}`, resampleLoss('element')])),
  ResampleLoss: resampleLoss('element'),
  'ResampleLoss(CPRFL fork)': resampleLoss('batch'),
  'ResampleLoss(partial)': partialResampleLoss,
  'ResampleLoss.rebalance_weight': rebalanceWeight,
  'CrossEntropyLoss(use_sigmoid)': crossEntropy,
  'CrossEntropyLoss(use_sigmoid,thrds)': crossEntropy,
  'CrossEntropyLoss(use_kpos)': kPositive,
  'BCEWithLogitsLoss(pos_weight)': crossEntropy,
  binary_cross_entropy: crossEntropy,
  MultiLabelSoftMarginLoss: softMargin,
  partial_cross_entropy: partialCrossEntropy,
  'FocalLoss(use_sigmoid)': focal,
  'FocalLoss(use_sigmoid,partial)': focal,
  'AsymmetricLoss(sum)': asymmetric,
  'AsymmetricLossOptimized(sum)': asymmetric,
  'AsymmetricLossOptimized(mean)': asymmetric,
  ASLSingleLabel: asymmetricSingleLabel,
  'CosLoss (CPRFL, unused by its train script)': similarity(cosineSimilarityLoss),
  'ReConsLoss (CPRFL, unused by its train script)': similarity(reconstructionLoss),
  'LDAM (multi-label BCE adaptation)': ldam,
  'ML-GCN adjacency': adjacency,
  'cprfl/asl': cprflAsymmetric,
  'cprfl/bce_losses': cprflBinary,
  'cprfl/resample_loss': cprflResample,
  ranking_loss: ranking('violationMean'),
  ranking_loss_pair_sum: ranking('sum'),
  partialBCE: sarbPartial,
  partialBCEPerImage: sarbPartialPerImage,
};
