import {
  asymmetricLoss,
  asymmetricLossSingleLabel,
  binaryCrossEntropy,
  cosineSimilarityLoss,
  focalLoss,
  kPositiveCrossEntropy,
  ldamLoss,
  ldamMargins,
  multiLabelSoftMargin,
  partialBinaryCrossEntropy,
  type RankingLossOptions,
  rankingLoss,
  rankingViolations,
  reconstructionLoss,
} from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import {
  given,
  type Loss,
  mask,
  matrix,
  numbers,
  optional,
  outputs,
  unknownIsMinusOne,
  unknownIsZero,
} from '../../../packages/losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters, ParityValue } from '../../../packages/tensor/parity/adapter.ts';

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
  // Without reduction the stored loss is the mean over all entries, including unknown ones.
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
  // The margins depend on the class counts n only, so any number of images will do.
  const statistics = { classCounts, trainCount: Math.max(...classCounts) };
  const { max_margin: maxMargin, s: scale } = inputs.params as Record<string, number>;
  const labels = matrix(inputs, 'labels');
  return {
    ...outputs(inputs, (x, reduction) => ldamLoss(x, labels, statistics, { maxMargin, scale, reduction })),
    margins: ldamMargins(statistics, { maxMargin }),
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

/** Comparisons of losses of logits and labels. */
export const lossesAdapters: ParityAdapters = {
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
  ranking_loss: ranking('violationMean'),
  ranking_loss_pair_sum: ranking('sum'),
};
