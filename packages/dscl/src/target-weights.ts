import * as tf from '@tensorflow/tfjs-core';

/**
 * The loss of an anchor without positives, for which equation 8 divides by zero.
 *
 * - `renormalize`: all weight on its own key, −log p₊, as in the authors' code.
 * - `insideExp`: equation 8 taken literally, log Σ exp s − α·s₊.
 * - `timesLogP`: −α·log p₊.
 * - `skip`: 0.
 */
export type EmptyPositives = 'renormalize' | 'insideExp' | 'timesLogP' | 'skip';

export const emptyPositivesReadings: readonly EmptyPositives[] = ['renormalize', 'insideExp', 'timesLogP', 'skip'];

/**
 * The target distribution of each anchor. (A type, not an interface, because `tf.tidy` does not accept an interface.)
 */
export type TargetWeights = {
  /** [B, 1] ω₊, weight of the own key. */
  readonly own: tf.Tensor2D;
  /** [B, 1] ω_t, weight of each key of the anchor's class. */
  readonly positive: tf.Tensor2D;
  /** [B, 1] weight of the log-sum-exp. 1, except for anchors without positives; see {@link EmptyPositives}. */
  readonly total: tf.Tensor2D;
};

/**
 * SCL: weight 1 / (|P| + 1) for the own key and each key of the class. Source: Xuan and Zhang, AAAI 2024, equation 3.
 */
export function uniformTargets(count: tf.Tensor2D): TargetWeights {
  return tf.tidy(() => {
    const share = tf.div<tf.Tensor2D>(1, tf.add(count, 1));
    return { own: share, positive: share, total: tf.onesLike(count) };
  });
}

/**
 * DSCL: weight α for the own key, (1 − α) / |P| for each key of the class.
 *
 * @param count [B, 1] |P|, number of keys of the anchor's class, without its own key
 *
 * Source: Xuan and Zhang, AAAI 2024, equations 8 and 9.
 */
export function decoupledTargets(
  count: tf.Tensor2D,
  alpha: number,
  empty: EmptyPositives = 'renormalize',
): TargetWeights {
  const [ownAlone, totalAlone] = withoutPositives(alpha, empty);
  return tf.tidy(() => {
    const has = tf.cast(tf.greater(count, 0), 'float32');
    const choose = (some: number, none: number): tf.Tensor2D => tf.add(none, tf.mul(has, some - none));
    return {
      own: choose(alpha, ownAlone),
      positive: tf.div(tf.mul(has, 1 - alpha), tf.maximum(count, 1)),
      total: choose(1, totalAlone),
    };
  });
}

function withoutPositives(alpha: number, empty: EmptyPositives): readonly [own: number, total: number] {
  const readings: Readonly<Record<EmptyPositives, readonly [number, number]>> = {
    renormalize: [1, 1],
    insideExp: [alpha, 1],
    timesLogP: [alpha, alpha],
    skip: [0, 0],
  };
  return readings[empty];
}
