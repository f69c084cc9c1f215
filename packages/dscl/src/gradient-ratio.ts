import { checkChoice, checkOptionNames, checkShapes, logSoftmax } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkTemperature, targetsOf } from './contrastive-loss.ts';
import { checkContrast, type LabelledKeys, positivesOf } from './labelled-keys.ts';

/**
 * How strongly each candidate pulls (below 0) or pushes (above 0) its anchor: p_m − ω_m, the derivative of the loss
 * with respect to the logit. Keys are unit vectors, so up to the factor 1 / τ these are the lengths of the parts of the
 * gradient.
 */
export interface Pulls {
  /** [B] for the own key. */
  readonly own: tf.Tensor1D;
  /** [B, K] for the keys of the queue. */
  readonly queue: tf.Tensor2D;
  /** [B, K] 1 if a key has the anchor's class, else 0. */
  readonly positive: tf.Tensor2D;
}

/** Log-probabilities of the candidates, own key and queue, in nats. */
export interface CandidateLogProbabilities {
  /** [B] */
  readonly own: tf.Tensor1D;
  /** [B, K] */
  readonly queue: tf.Tensor2D;
}

/**
 * The log-softmax of equation 2 as an explicit matrix of B · K numbers, for the analysis of a few anchors.
 *
 * @throws ShapeError, OptionError
 */
export function candidateLogProbabilities(
  anchors: tf.Tensor2D,
  ownKeys: tf.Tensor2D,
  queue: tf.Tensor2D,
  temperature: number = 0.07,
): CandidateLogProbabilities {
  const where = 'candidateLogProbabilities';
  checkTemperature(where, temperature, 'temperature');
  const { B, K } = checkShapes(where, { anchors: [anchors, 'B D'], ownKeys: [ownKeys, 'B D'], queue: [queue, 'K D'] });
  // Some engines fail on empty tensors.
  if (B === 0) return { own: tf.zeros([0]), queue: tf.zeros([0, K]) };
  if (K === 0) return { own: tf.zeros([B]), queue: tf.zeros([B, 0]) };
  return tf.tidy(() => {
    const queries = tf.div<tf.Tensor2D>(anchors, temperature);
    const own = tf.sum<tf.Tensor2D>(tf.mul(queries, ownKeys), 1, true);
    const all = logSoftmax(tf.concat2d([own, tf.matMul<tf.Tensor2D>(queries, queue, false, true)], 1));
    const [B, columns] = all.shape;
    return {
      own: tf.reshape(tf.slice(all, [0, 0], [B, 1]), [B]),
      queue: tf.slice(all, [0, 1], [B, columns - 1]),
    };
  }) as CandidateLogProbabilities;
}

/** Options of {@link gradientRatio} and {@link gradientParts}. */
export interface GradientRatioOptions {
  /** τ, above 0. Default 0.07. */
  readonly temperature?: number;
  /** The loss to analyse. Default `dscl`. */
  readonly loss?: 'scl' | 'dscl';
  /** α of DSCL, in [0, 1]. Default 1 / 9. */
  readonly alpha?: number;
}

/**
 * How strongly each candidate pulls or pushes each anchor, with the candidates `queue`.
 *
 * @throws ShapeError, OptionError
 *
 * Source: Xuan and Zhang, AAAI 2024, equations 4 and 5.
 */
export function gradientParts(
  anchors: tf.Tensor2D,
  ownKeys: tf.Tensor2D,
  labels: tf.Tensor1D,
  queue: LabelledKeys,
  options: GradientRatioOptions = {},
): Pulls {
  checkOptionNames('gradientParts', options, ['temperature', 'loss', 'alpha']);
  checkContrast('gradientParts', anchors, ownKeys, labels, queue);
  const { temperature = 0.07, loss = 'dscl' } = options;
  checkTemperature('gradientParts', temperature);
  checkChoice('gradientParts', 'options.loss', loss, ['scl', 'dscl']);
  const targets = targetsOf('gradientParts', { ...options, loss });
  return tf.tidy(() => {
    const log = candidateLogProbabilities(anchors, ownKeys, queue.keys, temperature);
    const [wanted, held] = [labels, queue.labels].map((x) => tf.cast(x, 'int32'));
    const positive = equalPairs(wanted, held);
    const weights = targets(positivesOf(labels, queue).count);
    return {
      own: tf.sub(tf.exp(log.own), tf.reshape(weights.own, [-1])),
      queue: tf.sub(tf.exp(log.queue), tf.mul(positive, weights.positive)),
      positive,
    };
  }) as unknown as Pulls;
}

/**
 * The pull of an anchor's own augmented view relative to that of its positives: ‖g₊‖ / Σ_{t ∈ P} ‖g_t‖.
 *
 * At the start of training p is nearly uniform. Then the ratio is about 1 / |P| for SCL and α / (1 − α) for DSCL.
 *
 * @returns [B]; infinite for an anchor without positives
 * @throws ShapeError, OptionError
 *
 * Source: Xuan and Zhang, AAAI 2024, equations 6 and 10, figure 2.
 */
export function gradientRatio(
  anchors: tf.Tensor2D,
  ownKeys: tf.Tensor2D,
  labels: tf.Tensor1D,
  queue: LabelledKeys,
  options: GradientRatioOptions = {},
): tf.Tensor1D {
  return tf.tidy(() => {
    const parts = gradientParts(anchors, ownKeys, labels, queue, options);
    if (anchors.shape[0] === 0) return tf.zeros<tf.Rank.R1>([0]);
    if (queue.keys.shape[0] === 0) return tf.fill<tf.Rank.R1>([anchors.shape[0]], Number.POSITIVE_INFINITY);
    return tf.div(tf.abs(parts.own), tf.sum(tf.mul(tf.abs(parts.queue), parts.positive), 1));
  });
}

/** [B] and [K] → [B, K], 1 if the two are equal, else 0. */
function equalPairs(a: tf.Tensor, b: tf.Tensor): tf.Tensor2D {
  // Some engines fail on empty tensors.
  if (a.size * b.size === 0) return tf.zeros([a.size, b.size]);
  return tf.cast(tf.equal<tf.Tensor2D>(tf.expandDims(a, 1), tf.expandDims(b, 0)), 'float32');
}
