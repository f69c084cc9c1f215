import { checkShapes, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, checkNumber, type MaskedLossOptions } from './checks.ts';
import { type Entries, entryLoss, product } from './closed-form.ts';
import { crossEntropyEntries, crossEntropyPass } from './cross-entropy.ts';
import { logisticKernel } from './logistic.ts';
import type { Reduced, Reduction } from './reduction.ts';

export interface BinaryCrossEntropyOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** [B, C] multiplies each entry; it never changes what a mean divides by. */
  readonly weight?: tf.Tensor2D;
  /** [C] multiplies the entries of each class. */
  readonly classWeight?: readonly number[];
  /** [C] multiplies the positive term y·softplus(−x) of each class (`pos_weight` in PyTorch). */
  readonly positiveWeight?: readonly number[];
  /**
   * [low, high] probabilities: positives above `high` and negatives below `low` are easy and get weight 0. The mean
   * still counts them (`thrds` in the code of Wu et al.).
   */
  readonly thresholds?: readonly [low: number, high: number];
  /** Replaces the number of entries that a mean divides by (`avg_factor` in the code of Wu et al.). */
  readonly divisor?: number;
  /** Multiplies the loss; default 1. */
  readonly lossWeight?: number;
}

const ownOptions = ['known', 'weight', 'classWeight', 'positiveWeight', 'thresholds', 'divisor', 'lossWeight'];

/**
 * Binary cross-entropy with logits, in nats: softplus(x) − y·x for each entry, that is softplus(−x) where a class is
 * present and softplus(x) where it is absent.
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent; any number between is a soft label
 * @returns a scalar, or [B, C] for `reduction: 'none'`; a mean divides by the number of known entries
 * @throws OptionError, ShapeError; with `checkFinite` also DataError
 *
 * Edge cases: nothing known, or no image, gives 0. The gradient σ(x) − y is ½ at a logit of 0. Value and gradient are
 * finite at any finite logit; the value is exact to one rounding of x.
 * Source: the base of Wu et al., ECCV 2020; options of their code's `binary_cross_entropy` and of PyTorch.
 */
export function binaryCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: BinaryCrossEntropyOptions<R> = {},
): Reduced<R> {
  const where = 'binaryCrossEntropy';
  checkLossArguments(where, logits, labels, options, ownOptions);
  checkWeights(where, logits, options);
  const { reduction = 'mean' as R, known, divisor, lossWeight = 1 } = options;
  const divided = divisor !== undefined && reduction === 'mean';
  const forms = {
    compose: () => weightedEntropy(logits, labels, options),
    byKernel: options.positiveWeight
      ? undefined
      : logisticKernel(logits, () => ({ labels, weights: weightsOf(logits, labels, options) })),
    onHost: options.positiveWeight
      ? undefined
      : crossEntropyPass(logits, labels, () => weightsOf(logits, labels, options)),
  };
  return entryLoss([logits], forms, {
    reduction: (divided ? 'sum' : reduction) as R,
    ...(known && { counted: known }),
    factor: divided ? lossWeight / divisor : lossWeight,
  });
}

/** w·(q·softplus(x) − t·x) with t = π·y and q = 1 − y + t, π the positive weight; without π, q = 1 and t = y. */
function weightedEntropy(x: tf.Tensor2D, labels: tf.Tensor2D, options: BinaryCrossEntropyOptions): Entries {
  const { positiveWeight } = options;
  const w = weightsOf(x, labels, options);
  if (!positiveWeight) return crossEntropyEntries(x, labels, w);
  const t = tf.mul<tf.Tensor2D>(labels, row(positiveWeight));
  const q = tf.add<tf.Tensor2D>(tf.sub(1, labels), t);
  const scaled = (entries: tf.Tensor2D): tf.Tensor2D => (w ? tf.mul(entries, w) : entries);
  return {
    value: scaled(tf.sub(tf.mul(q, tf.softplus(x)), tf.mul(t, x))),
    derivatives: [scaled(tf.sub(tf.mul(q, tf.sigmoid(x)), t))],
  };
}

function weightsOf(x: tf.Tensor2D, labels: tf.Tensor2D, options: BinaryCrossEntropyOptions): tf.Tensor2D | undefined {
  const { weight, classWeight, thresholds, known } = options;
  return product([weight, classWeight && row(classWeight), thresholds && notEasy(x, labels, thresholds), known]);
}

/** 0 where a positive is above or a negative below its threshold, else 1. */
function notEasy(x: tf.Tensor2D, labels: tf.Tensor2D, [low, high]: readonly [number, number]): tf.Tensor2D {
  // Distances, not comparisons, are selected: on WASM tf.where over booleans writes past their end.
  const left = tf.where(
    tf.cast(labels, 'bool'),
    tf.sub<tf.Tensor2D>(logit(high), x),
    tf.sub<tf.Tensor2D>(x, logit(low)),
  );
  const hard: tf.Tensor2D = tf.greaterEqual(left, 0);
  return tf.cast(hard, 'float32');
}

/** The logit of a probability. 0 and 1 give bounds that no logit of use passes, as in the code of Wu et al. */
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
    if (values) checkShapes(where, { logits: [logits, 'B C'], [`options.${name}`]: [{ shape: [values.length] }, 'C'] });
  }
  checkNumber(where, 'lossWeight', lossWeight, 0);
  if (thresholds) {
    checkNumber(where, 'thresholds[0]', thresholds[0], 0, 1);
    checkNumber(where, 'thresholds[1]', thresholds[1], 0, 1);
  }
  if (divisor === undefined) return;
  checkNumber(where, 'divisor', divisor, Number.MIN_VALUE);
  if (reduction === 'sum' || reduction === 'batchmean') {
    throw new OptionError({
      where,
      argument: 'options.divisor',
      expected: 'left out, or used with reduction "mean"',
      received: `${divisor} with reduction "${reduction}"`,
    });
  }
}
