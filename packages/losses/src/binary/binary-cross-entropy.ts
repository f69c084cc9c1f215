import { checkNumber, checkShapes, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  asFloats,
  checkLossArguments,
  computeLoss,
  knownLogits,
  type LossTensors,
  type MaskedLossOptions,
} from '../core/checks.ts';
import { type Entries, entryLoss, product } from '../core/closed-form.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { crossEntropyEntries, crossEntropyPass, entropyOfLogits } from '../softmax/cross-entropy.ts';
import { type LogisticTerms, logisticKernel } from './logistic.ts';

/** Options of {@link binaryCrossEntropy}. */
export interface BinaryCrossEntropyOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** [B, C] any dtype, multiplies each entry. It does not change the divisor of a mean. */
  readonly weight?: tf.Tensor2D;
  /** [C] ≥ 0, multiplies the entries of each class. */
  readonly classWeight?: readonly number[];
  /** [C] ≥ 0, multiplies the positive term y·softplus(−x) of each class (`pos_weight` in PyTorch). */
  readonly positiveWeight?: readonly number[];
  /**
   * [low, high] probabilities. Positives above `high` and negatives below `low` are easy and get weight 0, but a mean
   * still counts them. Labels must then be 0 or 1. It is `thrds` in the code of Wu et al.
   */
  readonly thresholds?: readonly [low: number, high: number];
  /** A number > 0 that replaces the divisor of a mean (`avg_factor` in the code of Wu et al.). */
  readonly divisor?: number;
  /** Multiplies the loss; ≥ 0, default 1. */
  readonly lossWeight?: number;
}

const ownOptions = ['known', 'weight', 'classWeight', 'positiveWeight', 'thresholds', 'divisor', 'lossWeight'];

/**
 * Binary cross-entropy with logits, in nats. An entry is softplus(x) − y·x: softplus(−x) where a class is present,
 * softplus(x) where it is absent.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent; a number between them is a soft label. Keras takes the labels first
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by the number of known entries
 * @throws OptionError, ShapeError; DataError on labels outside [0, 1], see `checkSoftLabelTensor` of `@ltml/tensor`
 *
 * Edge cases: no known label, or no image, gives 0. The gradient σ(x) − y is ±½ at a logit of 0. Value and gradient are
 * finite for every finite logit; the value is exact to one rounding of x.
 * Source: the base loss of Wu et al., ECCV 2020; options of their code's `binary_cross_entropy` and of PyTorch.
 */
export function binaryCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: BinaryCrossEntropyOptions<R> = {},
): Reduced<R> {
  const where = 'binaryCrossEntropy';
  checkLossArguments(where, logits, labels, options, { own: ownOptions, soft: options.thresholds === undefined });
  checkWeights(where, logits, options);
  const { reduction = 'mean' as R, divisor, lossWeight = 1, positiveWeight, known: mask } = options;
  const divided = divisor !== undefined && reduction === 'mean';
  return computeLoss({ logits, labels, known: mask }, (tensors) => {
    const { known } = tensors;
    const makeWeights = (): tf.Tensor2D | undefined => weightsOf(tensors, options);
    const makeTerms = (): LogisticTerms => ({ labels: tensors.labels, weights: makeWeights(), known });
    const forms = {
      compose: (careful: boolean) => weightedEntropy(tensors, makeWeights(), positiveWeight, careful),
      byKernel: positiveWeight ? undefined : logisticKernel(tensors.logits, makeTerms),
      onHost: positiveWeight ? undefined : crossEntropyPass(tensors, makeWeights),
    };
    return entryLoss([tensors.logits], forms, {
      reduction: (divided ? 'sum' : reduction) as R,
      ...(known && { counted: known }),
      factor: divided ? lossWeight / divisor : lossWeight,
    });
  });
}

/** w·(q·softplus(x) − t·x), where t = π·y, q = 1 − y + t and π is the positive weight. Without π, q = 1 and t = y. */
function weightedEntropy(
  tensors: LossTensors,
  weights: tf.Tensor2D | undefined,
  positiveWeight: readonly number[] | undefined,
  careful: boolean,
): Entries {
  if (!positiveWeight) return crossEntropyEntries(tensors, weights, careful);
  const { logits, labels, known } = tensors;
  const x = knownLogits(logits, known, careful);
  const w = product([weights, known]);
  const t = tf.mul<tf.Tensor2D>(labels, row(positiveWeight));
  const q = tf.add<tf.Tensor2D>(tf.sub(1, labels), t);
  const scaled = (entries: tf.Tensor2D): tf.Tensor2D => (w ? tf.mul(entries, w) : entries);
  return {
    value: scaled(entropyOfLogits(x, t, careful, q)),
    derivatives: [scaled(tf.sub(tf.mul(q, tf.sigmoid(x)), t))],
  };
}

function weightsOf(
  { logits, labels }: LossTensors,
  { weight, classWeight, thresholds }: BinaryCrossEntropyOptions,
): tf.Tensor2D | undefined {
  return product([
    weight && asFloats(weight),
    classWeight && row(classWeight),
    thresholds && notEasy(logits, labels, thresholds),
  ]);
}

/** 0 for positives above `high` and negatives below `low`, else 1. */
function notEasy(x: tf.Tensor2D, labels: tf.Tensor2D, [low, high]: readonly [number, number]): tf.Tensor2D {
  // The comparison comes after the selection: on WASM tf.where over booleans writes past their end.
  const left = tf.where(
    tf.cast(labels, 'bool'),
    tf.sub<tf.Tensor2D>(logit(high), x),
    tf.sub<tf.Tensor2D>(x, logit(low)),
  );
  const hard: tf.Tensor2D = tf.greaterEqual(left, 0);
  return tf.cast(hard, 'float32');
}

/** The logit of a probability. 0 and 1 give bounds far beyond real logits, as in the code of Wu et al. */
function logit(probability: number): number {
  return probability === 1 ? 1e10 : -Math.log(1 / Math.max(probability, 1e-14) - 1);
}

function row(values: readonly number[]): tf.Tensor2D {
  return tf.tensor2d([...values], [1, values.length]);
}

function checkWeights(where: string, logits: tf.Tensor2D, options: BinaryCrossEntropyOptions): void {
  const { weight, thresholds, divisor, reduction, lossWeight = 1 } = options;
  if (weight) checkShapes(where, { logits: [logits, 'B C'], 'options.weight': [weight, 'B C'] });
  for (const name of ['classWeight', 'positiveWeight'] as const) {
    const values = options[name];
    if (!values) continue;
    checkShapes(where, { logits: [logits, 'B C'], [`options.${name}`]: [{ shape: [values.length] }, 'C'] });
    for (const [c, value] of values.entries()) checkNumber(where, `options.${name}[${c}]`, value, { min: 0 });
  }
  checkNumber(where, 'options.lossWeight', lossWeight, { min: 0 });
  for (const i of thresholds ? [0, 1] : []) {
    checkNumber(where, `options.thresholds[${i}]`, thresholds?.[i], { min: 0, max: 1 });
  }
  if (divisor === undefined) return;
  checkNumber(where, 'options.divisor', divisor, { above: 0 });
  if (reduction === 'sum' || reduction === 'batchmean') {
    throw new OptionError({
      where,
      argument: 'options.divisor',
      expected: 'left out, or combined with reduction "mean"',
      received: `${divisor} with reduction "${reduction}"`,
    });
  }
}
