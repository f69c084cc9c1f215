import {
  binaryCrossEntropy,
  ClassPrior,
  coOccurrenceShares,
  hillLoss,
  logitAdjustment,
  logitOffsets,
  multiGrainedFocal,
  partialSelectiveLoss,
  partialSelectiveWeights,
  priorFocalModifier,
  type Reduction,
  type SelectiveMode,
  splcLoss,
  splcPseudoLabels,
  twoWayLoss,
} from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { given, matrix, numbers, outputs, unknownIsMinusOne } from './loss-values.ts';

const twoWay: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const { positive_temperature, negative_temperature } = inputs.params as Record<string, number>;
  const options = { known, positiveTemperature: positive_temperature, negativeTemperature: negative_temperature };
  const of = (direction: 'both' | 'classes' | 'images') =>
    tf.valueAndGrad((x) => twoWayLoss(x as tf.Tensor2D, present, { ...options, direction }))(matrix(inputs, 'logits'));
  const [both, classes, images] = [of('both'), of('classes'), of('images')];
  return {
    loss: both.value,
    loss_classes: classes.value,
    loss_images: images.value,
    grad_logits: both.grad,
    grad_logits_classes: classes.grad,
    grad_logits_images: images.grad,
  };
};

const hill: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const { lambda, margin, gamma } = inputs.params as Record<string, number>;
  return outputs(inputs, (x, reduction) => hillLoss(x, present, { known, lambda, margin, gamma, reduction }));
};

const splc: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const { tau, change_epoch, margin, gamma, epoch } = inputs.params as Record<string, number>;
  const correction = { known, threshold: tau, changeEpoch: change_epoch, epoch };
  const labels = splcPseudoLabels(matrix(inputs, 'logits'), present, correction);
  return {
    ...outputs(inputs, (x, reduction) => splcLoss(x, present, { ...correction, margin, gamma, reduction })),
    pseudo_labels: minusOneWhereUnknown(labels, known),
  };
};

const modes: Readonly<Record<string, SelectiveMode>> = {
  negative: 'negative',
  ignore: 'ignore',
  ignore_normalize_classes: 'ignoreNormalized',
  selective: 'selective',
};

const selective: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const { mode, likelihood } = inputs.params as Record<string, string>;
  const params = inputs.params as Record<string, number>;
  const options = given({
    known,
    mode: modes[mode],
    likelihood: likelihood as 'batch' | 'image' | undefined,
    clip: params.clip,
    gammaPositive: params.gamma_positive,
    gammaNegative: params.gamma_negative,
    gammaUnknown: params.gamma_unknown,
    alphaPositive: params.alpha_positive,
    alphaNegative: params.alpha_negative,
    alphaUnknown: params.alpha_unknown,
    topK: params.likelihood_topk,
    priors: numbers(inputs, 'class_prior'),
    priorThreshold: params.prior_threshold,
  });
  return {
    ...outputs(inputs, (x, reduction) => partialSelectiveLoss(x, present, { ...options, reduction }), 'sum'),
    weights: partialSelectiveWeights(matrix(inputs, 'logits'), present, options),
  };
};

const classPrior: ParityAdapter = (inputs) => {
  const prior = new ClassPrior(inputs.host('logits0').shape[1]);
  const priors: Record<string, ParityValue> = {};
  for (const batch of [0, 1, 2]) {
    prior.update(matrix(inputs, `logits${batch}`));
    priors[`prior${batch}`] = prior.priors();
  }
  return priors;
};

/** Class counts; the losses that read nothing but their ratios get their largest for N. */
function statisticsOf(inputs: ParityInputs) {
  const classCounts = inputs.numbers('class_counts');
  return {
    classCounts,
    trainCount: inputs.has('train_count') ? inputs.numbers('train_count')[0] : Math.max(...classCounts),
  };
}

const adjusted: ParityAdapter = (inputs) => {
  const statistics = statisticsOf(inputs);
  const labels = matrix(inputs, 'labels');
  const tau = inputs.params.tau as number;
  return {
    ...outputs(inputs, (x, reduction) =>
      binaryCrossEntropy(logitAdjustment(x, statistics, { tau }), labels, { reduction }),
    ),
    offsets: logitOffsets(statistics, { tau }),
  };
};

function focalOptions(inputs: ParityInputs) {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const { gamma_positive, gamma_negative, clip, exponent, stop_gradient } = inputs.params;
  const options = {
    known,
    gammaPositive: gamma_positive as number,
    gammaNegative: gamma_negative as number,
    clip: clip as number,
    exponent: exponent as number,
    factorGradient: !stop_gradient,
  };
  const { classCounts } = statisticsOf(inputs);
  const largest = Math.max(...classCounts);
  return {
    present,
    options,
    classWeight: classCounts.map((n) => (1 - Math.log(n / largest)) ** options.exponent),
  };
}

const focal: ParityAdapter = (inputs) => {
  const { present, options, classWeight } = focalOptions(inputs);
  const loss = (x: tf.Tensor2D, reduction: Reduction) =>
    multiGrainedFocal(x, present, statisticsOf(inputs), { ...options, reduction });
  return { ...outputs(inputs, loss, 'sum'), class_weight: classWeight };
};

const modifier: ParityAdapter = (inputs) => {
  const { present, options, classWeight } = focalOptions(inputs);
  const C = classWeight.length;
  const counts = inputs.numbers('co_occurrence');
  const shares = coOccurrenceShares(classWeight.map((_, c) => counts.slice(c * C, (c + 1) * C)));
  const negativeScale = inputs.params.negative_scale as number;
  const loss = (x: tf.Tensor2D, reduction: Reduction) =>
    priorFocalModifier(x, present, statisticsOf(inputs), shares, { ...options, negativeScale, reduction });
  return { ...outputs(inputs, loss, 'sum'), class_weight: classWeight };
};

/** Labels as the files have them. */
export function minusOneWhereUnknown(labels: tf.Tensor2D, known: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(tf.mul(labels, known), tf.sub(1, known));
}

/** Losses of several labels an image. */
export const multiLabelAdapters: ParityAdapters = {
  twoWayLoss: twoWay,
  hillLoss: hill,
  splcLoss: splc,
  partialSelectiveLoss: selective,
  classPrior,
  logitAdjustedBce: adjusted,
  multiGrainedFocal: focal,
  priorFocalModifier: modifier,
};
