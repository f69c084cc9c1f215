import * as tf from '@tensorflow/tfjs-core';

/**
 * What an anchor without a key of its class does, for which equation 8 divides by zero: `renormalize` puts all weight on
 * its own key, −log p₊ (the authors' code); `insideExp` reads equation 8 literally, log Σ exp s − α·s₊; `timesLogP` is
 * −α·log p₊; `skip` is 0.
 */
export type EmptyPositives = 'renormalize' | 'insideExp' | 'timesLogP' | 'skip';

export const emptyPositivesReadings: readonly EmptyPositives[] = ['renormalize', 'insideExp', 'timesLogP', 'skip'];

/**
 * The target distribution of each anchor. (A type, not an interface, which `tf.tidy` would not take.)
 */
export type TargetWeights = {
  /** [B, 1] ω₊, of the own key. */
  readonly own: tf.Tensor2D;
  /** [B, 1] ω_t, of each key of the anchor's class. */
  readonly positive: tf.Tensor2D;
  /** [B, 1] what the log-sum-exp counts: 1, but where `emptyPositives` says otherwise. */
  readonly total: tf.Tensor2D;
};

/** SCL: own key and the keys of the class alike, 1 / (|P| + 1). Source: Xuan and Zhang, AAAI 2024, equation 3. */
export function uniformTargets(count: tf.Tensor2D): TargetWeights {
  return tf.tidy(() => {
    const share = tf.div<tf.Tensor2D>(1, tf.add(count, 1));
    return { own: share, positive: share, total: tf.onesLike(count) };
  });
}

/**
 * DSCL: α for the own key, (1 − α) / |P| for each key of the class.
 *
 * @param count [B, 1] |P|, the keys of each anchor's class besides its own
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
