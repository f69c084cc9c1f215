import { checkChoice, checkNumber, checkOptionNames, checkShapes, checkWholeTensor } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkTemperature, crossEntropy } from './contrastive-loss.ts';
import { joinSums, ownKeySums, softmaxOf, sumKeys } from './key-sums.ts';

/** Keys whose images have any number of classes. */
export interface MultiLabelKeys {
  /** [K, D] */
  readonly keys: tf.Tensor2D;
  /** [K, C] 1 present, 0 unknown, −1 absent. */
  readonly labels: tf.Tensor2D;
}

export interface MultiLabelImageOptions {
  /** α, default 1 / 9 as for one class. */
  readonly alpha?: number;
  /** τ, default 0.07. */
  readonly temperature?: number;
  /** How much a positive counts: each the same (default), or by the overlap of the classes, |A ∩ B| / |A ∪ B|. */
  readonly weighting?: 'binary' | 'jaccard';
  /**
   * What happens to a pair that may share a class that is known of one image only: it is left out (`ignore`, default), or
   * a negative like others.
   */
  readonly unknown?: 'ignore' | 'negative';
}

/** Who is compared with whom, and how much it counts. (A type, not an interface, which `tf.tidy` would not take.) */
export type MultiLabelTargets = {
  /** [B, K] 1 where a key is a candidate. */
  readonly candidates: tf.Tensor2D;
  /** [B, 1] number of positives. */
  readonly count: tf.Tensor2D;
  /** [B, 1] ω₊ */
  readonly own: tf.Tensor2D;
  /** [B, K] ω_t */
  readonly queue: tf.Tensor2D;
};

/**
 * **Ours, not from the paper**: DSCL for images with several classes, some of them unknown. Two images are positives of
 * each other if they are known to share a class; a pair that might share one is uncertain. With one known class an image
 * it is `dsclLoss`.
 *
 * On data whose frequent classes come with everything, nearly every pair is positive: where a model gives features for
 * each class, prefer {@link dsclMultiLabelInstances}.
 *
 * @param anchors [B, D]
 * @param ownKeys [B, D]
 * @param labels [B, C] 1 present, 0 unknown, −1 absent
 * @returns [B] in nats; without positives −log p(z⁺)
 * @throws ShapeError, OptionError; DataError on other labels
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
    // Kernels of some engines fail on tensors without entries.
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
 * Positives, candidates and target weights of {@link dsclMultiLabelImage}, B · K numbers each.
 *
 * @param labels [B, C] 1 present, 0 unknown, −1 absent
 * @param keyLabels [K, C]
 * @throws ShapeError, OptionError; DataError on other labels
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
  // Kernels of some engines fail on tensors without entries. Without a class there are no positives, and all are candidates.
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

/** [B, K] how many classes are marked in both. */
function shared(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul<tf.Tensor2D>(a, b, false, true);
}
