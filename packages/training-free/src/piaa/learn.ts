import { checkChoice, checkCount, checkNumber, checkOptionNames, checkShapes, DataError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { Bank } from './bank.ts';
import { exactLogSoftmax } from './exact-log-softmax.ts';
import { gaussianClassifier, type LabelledPatches, type PatchClassifier } from './gaussian.ts';

/** Options of {@link learnFromBank}. */
export interface LearnOptions {
  /** T > 0, divides the logits of the first classifier in the second selection. VOC 100, NUS-WIDE 500, COCO 0.01. */
  readonly temperature: number;
  /** 1: one classifier. 2: a second one, from the patches that the first one classifies confidently. Default 2. */
  readonly passes?: 1 | 2;
  /**
   * If the second selection keeps fewer than two patches of every class: `throw` (default), or use the `first`
   * classifier.
   */
  readonly onEmpty?: 'throw' | 'first';
}

/** Result of {@link learnFromBank}. */
export interface Learned {
  /** The classifier from all patches of the bank. */
  readonly first: PatchClassifier;
  /** The classifier to use. */
  readonly classifier: PatchClassifier;
  /**
   * The patches from which `classifier` was computed: their indices in the bank (class · k + place), and their classes.
   */
  readonly kept: { readonly places: readonly number[]; readonly classes: readonly number[] };
}

/**
 * Computes PIAA's classifier in closed form.
 *
 * 1. The first {@link gaussianClassifier} uses all patches of the bank.
 * 2. A second selection keeps the patches that the first one classifies confidently: for each class those with a
 *    probability of at least mean + standard deviation.
 * 3. The second {@link gaussianClassifier} uses these patches only.
 *
 * @param text [C, D] class embeddings, unit vectors
 * @throws DataError for a bank of fewer than two patches, and if the second selection keeps fewer than two patches of
 *   every class; ShapeError, OptionError
 *
 * Source: PIAA, arXiv 2605.25821, released code. The paper has one selection, `passes: 1`.
 */
export async function learnFromBank(bank: Bank, text: tf.Tensor2D, options: LearnOptions): Promise<Learned> {
  const where = 'learnFromBank';
  checkOptionNames(where, options, ['temperature', 'passes', 'onEmpty']);
  const { temperature, passes = 2, onEmpty = 'throw' } = options;
  checkNumber(where, 'options.temperature', temperature, { above: 0 });
  checkCount(where, 'options.passes', passes, { min: 1, max: 2 });
  checkChoice(where, 'options.onEmpty', onEmpty, ['throw', 'first']);
  const { C, k, D } = checkShapes(where, { 'bank.features': [bank.features, 'C k D'], text: [text, 'C D'] });
  const weights = await bank.weights.data();
  const places = Array.from(weights.keys()).filter((place) => weights[place] > 0);
  const features = tf.tidy(() =>
    tf.gather(tf.reshape<tf.Rank.R2>(bank.features, [C * k, D]), tf.tensor1d(places, 'int32')),
  );
  try {
    const classes = places.map((place) => Math.floor(place / k));
    const first = await gaussianClassifier({ features, classes, weights: places.map((place) => weights[place]) }, text);
    const ofFirst: Learned = { first, classifier: first, kept: { places, classes } };
    if (passes === 1) return ofFirst;
    const { rows, ...sure } = await surePatches(features, first, temperature);
    // If no class has two patches, there is no covariance.
    const tooFew = new Set(sure.classes).size === rows.length;
    if (tooFew && onEmpty === 'first') return ofFirst;
    if (tooFew) {
      throw new DataError({
        where,
        argument: 'options.temperature',
        expected: 'a value with which the second selection keeps two patches of some class',
        received: `${temperature}, with which it keeps ${rows.length === 0 ? 'none' : 'at most one of each class'}`,
        hint: "Set onEmpty: 'first' to use the classifier of the first selection.",
      });
    }
    const own = tf.tidy(() => tf.gather(features, tf.tensor1d(rows, 'int32')));
    try {
      const classifier = await gaussianClassifier({ features: own, ...sure }, text);
      return { first, classifier, kept: { places: rows.map((row) => places[row]), classes: sure.classes } };
    } finally {
      own.dispose();
    }
  } finally {
    features.dispose();
  }
}

interface SurePatches extends Omit<LabelledPatches, 'features'> {
  readonly rows: number[];
  readonly classes: number[];
}

/** For each class, the patches [M, D] of it whose probability is at least mean + standard deviation of the class. */
async function surePatches(
  features: tf.Tensor2D,
  { weight, bias, classes: C, features: D }: PatchClassifier,
  temperature: number,
): Promise<SurePatches> {
  const given = tf.tidy(() => {
    const logits = tf.add<tf.Tensor2D>(
      tf.matMul(features, tf.tensor2d(Float32Array.from(weight), [D, C])),
      Float32Array.from(bias),
    );
    const likeliest = tf.argMax<tf.Tensor1D>(logits, 1);
    const logs = exactLogSoftmax(tf.mul(logits, temperature), likeliest);
    return { largest: tf.exp(tf.max<tf.Tensor1D>(logs, 1)), likeliest };
  });
  const [values, classes] = await Promise.all([given.largest.data<'float32'>(), given.likeliest.data<'int32'>()]);
  tf.dispose(given);
  const members: number[][] = Array.from({ length: C }, () => []);
  for (let row = 0; row < classes.length; row++) members[classes[row]].push(row);
  const least = members.map((rows) => meanAndDeviation(rows.map((row) => values[row])));
  // A single patch has no standard deviation (NaN), so it is not kept.
  const rows = Array.from(classes.keys()).filter((row) => values[row] >= least[classes[row]]);
  return { rows, classes: rows.map((row) => classes[row]), weights: rows.map((row) => values[row]) };
}

/** Mean + standard deviation; NaN for fewer than two values. */
function meanAndDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return mean + Math.sqrt(squares / (values.length - 1));
}
