import { checkCount, checkNumber, checkOptionNames, checkShapes, DataError, isReadable } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { asFloats, checkLossArguments, computeLoss, knownLogits } from '../core/checks.ts';
import { entryLoss } from '../core/closed-form.ts';
import { checkFocalOptions, factorOptions, type MultiGrainedFocalOptions } from './multi-grained-focal.ts';
import { weightedAsymmetricForms } from './weighted-asymmetric.ts';

/** The memory of reflective label correction between batches. The caller owns its tensors and disposes them. */
export type ReflectedCounts = {
  /** [C] n of the training labels, each above 0. */
  readonly initial: tf.Tensor1D;
  /** [C] n plus the labels found so far in this epoch; a copy of `initial` at the start. */
  readonly counts: tf.Tensor1D;
  /** The epoch of the last corrected batch; 0 at the start. */
  readonly epoch: number;
};

/** Options of {@link reflectLabels}. */
export interface ReflectLabelsOptions {
  /** The current epoch. */
  readonly epoch: number;
  /** The first epoch in which labels are corrected, default 1. Before it the loss is 0. */
  readonly computeEpoch?: number;
  /** Probability in (0, 1) above which an absent label may become a positive, default 0.7. */
  readonly threshold?: number;
  /** m, subtracted from the logits of labelled positives, default 1. */
  readonly margin?: number;
  /** [B, C] 1 known, 0 not; default all known. Unknown labels are not corrected. */
  readonly known?: tf.Tensor2D;
}

/** The result of {@link reflectLabels}. (A type, because `tf.tidy` does not accept an interface.) */
export type ReflectedLabels = {
  /** [B, C] 1 where a class is labelled or found, 0 elsewhere. */
  readonly labels: tf.Tensor2D;
  readonly state: ReflectedCounts;
  /** False before `computeEpoch`. */
  readonly corrected: boolean;
};

/** Options of {@link reflectiveLabelCorrection}. */
export interface ReflectiveLabelCorrectionOptions
  extends Pick<
    MultiGrainedFocalOptions,
    'known' | 'gammaPositive' | 'gammaNegative' | 'clip' | 'epsilon' | 'exponent' | 'factorGradient' | 'checkFinite'
  > {
  /** m, subtracted from the logits of labelled positives, default 1. */
  readonly margin?: number;
  /** Factor > 0 of the loss, which is divided by the number of positives; default 32, at any actual batch size. */
  readonly batchSize?: number;
}

const correctionOptions = ['known', 'epoch', 'computeEpoch', 'threshold', 'margin'];
const lossOptions = ['known', 'margin', 'batchSize', ...factorOptions];

/**
 * Corrects labels with a model's predictions. An absent class becomes a positive if its probability is above the
 * threshold and above the mean of its class in the batch. Equal is not above.
 *
 *     z = x − m·y,  t = 1 where σ(z) > threshold and σ(z) > mean_b σ(z), else y
 *     n ← n + Σ_b (t − y), starting from the initial n in each new epoch
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @returns the labels and the state after the batch, as new tensors without gradient. Before `computeEpoch` both are
 *   copies of the arguments
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, and on an initial n that is not above 0
 *
 * Edge cases: with one image no probability is above the mean. Unknown labels are not counted.
 * Source: the code of COMIC (Zhang et al., ICCV 2023).
 */
export function reflectLabels(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  state: ReflectedCounts,
  options: ReflectLabelsOptions,
): ReflectedLabels {
  const where = 'reflectLabels';
  checkOptionNames(where, options, correctionOptions);
  checkLossArguments(where, logits, labels, options, { own: correctionOptions });
  checkShapes(where, {
    logits: [logits, 'B C'],
    'state.initial': [state.initial, 'C'],
    'state.counts': [state.counts, 'C'],
  });
  const { epoch, computeEpoch = 1, threshold = 0.7, margin = 1 } = options;
  checkCount(where, 'options.epoch', epoch, { min: 0 });
  checkCount(where, 'options.computeEpoch', computeEpoch, { min: 0 });
  checkNumber(where, 'options.threshold', threshold, { above: 0, below: 1 });
  checkNumber(where, 'options.margin', margin);
  const { initial } = state;
  checkAboveZero(where, initial);
  return tf.tidy(() => {
    const y = asFloats(labels);
    const corrected = epoch >= computeEpoch;
    const kept = { initial: tf.clone(initial), counts: tf.clone(state.counts), epoch: state.epoch };
    if (!corrected || logits.size === 0) return { labels: tf.clone(y), state: kept, corrected };
    const start = epoch > state.epoch ? initial : state.counts;
    const known = options.known && asFloats(options.known);
    const s = tf.sigmoid(tf.sub(knownLogits(asFloats(logits), known), tf.mul(y, margin)));
    const mean = known
      ? tf.div(tf.sum(tf.mul(s, known), 0, true), tf.maximum(tf.sum(known, 0, true), 1))
      : tf.mean(s, 0, true);
    const found = tf.cast(tf.logicalAnd(tf.greater(s, threshold), tf.greater(s, mean)), 'float32');
    const marked = (entries: tf.Tensor2D): tf.Tensor2D => (known ? tf.mul(entries, known) : entries);
    const t = marked(tf.maximum(y, found));
    const counts = tf.add<tf.Tensor1D>(start, tf.sum(tf.sub(t, marked(y)), 0));
    return { labels: t, state: { initial: kept.initial, counts, epoch }, corrected: true };
  });
}

/** Every count must be above 0, because the weights take its logarithm. @throws DataError */
function checkAboveZero(where: string, initial: tf.Tensor1D): void {
  if (!isReadable(initial)) return;
  const counts = initial.dataSync();
  const c = counts.findIndex((n) => !(n > 0 && n < Infinity));
  if (c < 0) return;
  const hint = 'Remove classes that no training image has';
  throw new DataError({ where, argument: `state.initial[${c}]`, expected: 'above 0', received: `${counts[c]}`, hint });
}

/**
 * The loss over labels that {@link reflectLabels} corrected, in nats: a multi-grained focal loss of z whose weights
 * come from the corrected counts.
 *
 *     batchSize/max(1, Σ t) · Σ ℓ,  ℓ as in `multiGrainedFocal`, of x − m·y and t
 *
 * Defaults: γ₊ 0, γ₋ 3, e 1/6. Other parameters: {@link reflectLabels}.
 *
 * @param labels [B, C] the original labels
 * @param reflected the result of {@link reflectLabels} for the same batch
 * @returns a scalar; 0 before `computeEpoch`
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1
 * Source: the code of COMIC (Zhang et al., ICCV 2023), which adds it to the main loss with weight 0.2.
 */
export function reflectiveLabelCorrection(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  reflected: ReflectedLabels,
  options: ReflectiveLabelCorrectionOptions = {},
): tf.Scalar {
  const where = 'reflectiveLabelCorrection';
  checkOptionNames(where, options, ['checkFinite', ...lossOptions]);
  checkLossArguments(where, logits, labels, options, { own: lossOptions });
  checkShapes(where, {
    logits: [logits, 'B C'],
    'reflected.labels': [reflected.labels, 'B C'],
    'reflected.state.counts': [reflected.state.counts, 'C'],
  });
  const { margin = 1, batchSize = 32, known: _, ...focal } = options;
  checkNumber(where, 'options.margin', margin);
  checkNumber(where, 'options.batchSize', batchSize, { above: 0 });
  const terms = checkFocalOptions(where, focal, { gammaNegative: 3 });
  const { counts } = reflected.state;
  return computeLoss({ logits, labels, known: options.known }, ({ logits: x, labels: y, known }) => {
    if (x.size === 0 || !reflected.corrected) {
      const nothing = (): tf.Tensor2D => tf.zeros(x.shape);
      return entryLoss([x], { compose: () => ({ value: nothing(), derivatives: [nothing()] }) }, { reduction: 'sum' });
    }
    const t = reflected.labels;
    const makeTerms = () => {
      const rarity = tf.sub(1, tf.log(tf.div(counts, tf.max(counts))));
      const weights = tf.reshape<tf.Rank.R2>(tf.pow(rarity, terms.exponent), [1, -1]);
      const positives = tf.maximum(tf.sum(known ? tf.mul(t, known) : t), 1);
      return {
        labels: t,
        weights: tf.mul<tf.Tensor2D>(weights, tf.div(batchSize, positives)),
        exponents: tf.add<tf.Tensor2D>(weights, terms.gammaNegative),
        known,
      };
    };
    const z = tf.sub<tf.Tensor2D>(x, tf.mul(y, margin));
    return entryLoss([z], weightedAsymmetricForms(z, terms, makeTerms), { reduction: 'sum' });
  });
}
