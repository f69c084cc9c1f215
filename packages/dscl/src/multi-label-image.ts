import { checkChoice, checkNumber, checkOptionNames, checkShapes, checkWholeTensor } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkTemperature, crossEntropy } from './contrastive-loss.ts';
import { joinSums, ownKeySums, softmaxOf, sumKeys } from './key-sums.ts';

/** Keys of past images with any number of classes. */
export interface MultiLabelKeys {
  /** [K, D] */
  readonly keys: tf.Tensor2D;
  /** [K, C] 1 present, 0 unknown, −1 absent. */
  readonly labels: tf.Tensor2D;
}

/** Options of {@link dsclMultiLabelImage}. */
export interface MultiLabelImageOptions {
  /** α, in [0, 1]. Default 1 / 9, as for one class. */
  readonly alpha?: number;
  /** τ, above 0. Default 0.07. */
  readonly temperature?: number;
  /** Weights of positives: all equal (`binary`, default), or the overlap of their classes, |A ∩ B| / |A ∪ B|. */
  readonly weighting?: 'binary' | 'jaccard';
  /**
   * Treatment of an uncertain pair: a class is present in one image and unknown in the other. `ignore` (default) leaves
   * the pair out. `negative` counts it as a negative.
   */
  readonly unknown?: 'ignore' | 'negative';
}

/** Candidates and target weights. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type MultiLabelTargets = {
  /** [B, K] 1 if a key is a candidate, else 0. */
  readonly candidates: tf.Tensor2D;
  /** [B, 1] number of positives. */
  readonly count: tf.Tensor2D;
  /** [B, 1] ω₊ */
  readonly own: tf.Tensor2D;
  /** [B, K] ω_t */
  readonly queue: tf.Tensor2D;
};

/**
 * DSCL for images with several classes, some of them unknown. **This is our extension, not from the paper.**
 *
 * Two images are positives of each other if they are known to share a class. A pair that might share a class is
 * uncertain. With one known class per image it equals `dsclLoss`.
 *
 * If some classes appear in nearly every image, nearly every pair is positive. If your model gives a feature for each
 * class, use {@link dsclMultiLabelInstances} instead.
 *
 * @param anchors [B, D]
 * @param ownKeys [B, D]
 * @param labels [B, C] 1 present, 0 unknown, −1 absent
 * @returns [B] in nats; −log p(z⁺) without positives
 * @throws ShapeError, OptionError; DataError for other labels
 */
export function dsclMultiLabelImage(
  anchors: tf.Tensor2D,
  ownKeys: tf.Tensor2D,
  labels: tf.Tensor2D,
  queue: MultiLabelKeys,
  options: MultiLabelImageOptions = {},
): tf.Tensor1D {
  const where = 'dsclMultiLabelImage';
  checkOptionNames(where, options, ['alpha', 'temperature', 'weighting', 'unknown']);
  const { temperature = 0.07 } = options;
  checkTemperature(where, temperature);
  checkShapes(where, {
    anchors: [anchors, 'B D'],
    ownKeys: [ownKeys, 'B D'],
    labels: [labels, 'B C'],
    'queue.keys': [queue.keys, 'K D'],
    'queue.labels': [queue.labels, 'K C'],
  });
  const { alpha, weighting, unknown } = options;
  const reading = readTargets(where, { alpha, weighting, unknown });
  checkMarks(where, labels, 'queue.labels', queue.labels);
  const op = tf.customGrad((...args) => {
    const save = args[1] as tf.GradSaveFunc;
    // Some engines fail on empty tensors.
    if (anchors.size === 0) {
      return { value: tf.zeros([anchors.shape[0]]), gradFunc: () => [tf.zeros(anchors.shape)] };
    }
    const targets = weighPairs(labels, queue.labels, reading);
    const queries = tf.div<tf.Tensor2D>(anchors, temperature);
    const sums = joinSums(sumKeys(queries, queue.keys, targets.candidates), ownKeySums(queries, ownKeys));
    const target = tf.add<tf.Tensor2D>(tf.mul(targets.own, ownKeys), tf.matMul(targets.queue, queue.keys));
    const { value, direction } = crossEntropy(queries, softmaxOf(sums), target);
    save([tf.div(direction, temperature)]);
    return { value, gradFunc: (dy: tf.Tensor, [byAnchor]: tf.Tensor[]) => [tf.mul(byAnchor, tf.expandDims(dy, 1))] };
  });
  return op(anchors) as tf.Tensor1D;
}

type TargetOptions = Pick<MultiLabelImageOptions, 'alpha' | 'weighting' | 'unknown'>;

/**
 * Candidates and target weights of {@link dsclMultiLabelImage}, B · K numbers each.
 *
 * @param labels [B, C] 1 present, 0 unknown, −1 absent
 * @param keyLabels [K, C], likewise
 * @throws ShapeError, OptionError; DataError for other labels
 */
export function multiLabelTargets(
  labels: tf.Tensor2D,
  keyLabels: tf.Tensor2D,
  options: TargetOptions = {},
): MultiLabelTargets {
  const where = 'multiLabelTargets';
  checkOptionNames(where, options, ['alpha', 'weighting', 'unknown']);
  const reading = readTargets(where, options);
  checkShapes(where, { labels: [labels, 'B C'], keyLabels: [keyLabels, 'K C'] });
  checkMarks(where, labels, 'keyLabels', keyLabels);
  return weighPairs(labels, keyLabels, reading);
}

function readTargets(where: string, options: TargetOptions): Required<TargetOptions> {
  const { alpha = 1 / 9, weighting = 'binary', unknown = 'ignore' } = options;
  checkNumber(where, 'options.alpha', alpha, { min: 0, max: 1 });
  checkChoice(where, 'options.weighting', weighting, ['binary', 'jaccard']);
  checkChoice(where, 'options.unknown', unknown, ['ignore', 'negative']);
  return { alpha, weighting, unknown };
}

function checkMarks(where: string, labels: tf.Tensor, argument: string, keyLabels: tf.Tensor): void {
  checkWholeTensor(where, 'labels', labels, -1, 1);
  checkWholeTensor(where, argument, keyLabels, -1, 1);
}

function weighPairs(
  labels: tf.Tensor2D,
  keyLabels: tf.Tensor2D,
  { alpha, weighting, unknown }: Required<TargetOptions>,
): MultiLabelTargets {
  const [B, C] = labels.shape;
  const [K] = keyLabels.shape;
  // Some engines fail on empty tensors. Without classes there are no positives, and every key is a candidate.
  if (B * K * C === 0) {
    const [candidates, queue] = [tf.ones<tf.Rank.R2>([B, K]), tf.zeros<tf.Rank.R2>([B, K])];
    return { candidates, count: tf.zeros([B, 1]), own: tf.ones([B, 1]), queue };
  }
  return tf.tidy(() => {
    const present = isLabel(labels, 1);
    const keyPresent = isLabel(keyLabels, 1);
    const overlap = shared(present, keyPresent);
    const positive = tf.cast(tf.greater(overlap, 0), 'float32');
    const either = tf.sub(tf.add(tf.sum(present, 1, true), tf.transpose(tf.sum(keyPresent, 1, true))), overlap);
    const weight = weighting === 'jaccard' ? tf.div(overlap, tf.maximum(either, 1)) : positive;
    const sum = tf.sum<tf.Tensor2D>(weight, 1, true);
    const has = tf.cast(tf.greater(sum, 0), 'float32');
    const mayShare = tf.add(shared(present, isLabel(keyLabels, 0)), shared(isLabel(labels, 0), keyPresent));
    const dropped = tf.mul(tf.cast(tf.greater(mayShare, 0), 'float32'), tf.sub(1, positive));
    return {
      candidates: unknown === 'ignore' ? tf.sub(1, dropped) : tf.onesLike(positive),
      count: tf.sum(positive, 1, true),
      own: tf.sub(1, tf.mul(has, 1 - alpha)),
      queue: tf.mul(tf.div(weight, tf.maximum(sum, 1e-12)), 1 - alpha),
    } as MultiLabelTargets;
  });
}

function isLabel(labels: tf.Tensor2D, value: number): tf.Tensor2D {
  return tf.cast(tf.equal<tf.Tensor2D>(tf.cast(labels, 'float32'), value), 'float32');
}

/** [B, K] number of classes that are 1 in both. */
function shared(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul<tf.Tensor2D>(a, b, false, true);
}
