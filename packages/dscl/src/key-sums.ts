import * as tf from '@tensorflow/tfjs-core';

/**
 * The sums of a softmax over keys. Those over other keys can be added with {@link joinSums}.
 *
 * (A type, not an interface, because `tf.tidy` does not accept an interface.) Axes: R queries, D features.
 */
export type KeySums = {
  /** [R, 1] the largest logit. */
  readonly max: tf.Tensor2D;
  /** [R, 1] Σ exp(s − max). */
  readonly sum: tf.Tensor2D;
  /** [R, D] Σ exp(s − max) · key. */
  readonly weighted: tf.Tensor2D;
};

/** Number of logits in memory at a time: 4 MiB, which fit in a processor's cache. */
const blockEntries = 1 << 20;

/**
 * The softmax sums over keys, with logits s = query · key. It reads the keys once, block by block.
 *
 * Memory: one block of logits, for any number of keys. No key is copied.
 *
 * @param queries [R, D] already divided by the temperature
 * @param keys [K, D]
 * @param kept [R, K] or [1, K], 1 for a key that counts, 0 for one that does not; default: all count
 */
export function sumKeys(queries: tf.Tensor2D, keys: tf.Tensor2D, kept?: tf.Tensor2D): KeySums {
  const [K, D] = keys.shape;
  const R = queries.shape[0];
  // A maximum below every logit, with weight 0.
  if (K === 0) return { max: tf.fill([R, 1], -1e9), sum: tf.zeros([R, 1]), weighted: tf.zeros([R, D]) };
  const block = Math.max(1, Math.floor(blockEntries / Math.max(R, 1)));
  let joined: KeySums | undefined;
  for (let start = 0; start < K; start += block) {
    const size = Math.min(block, K - start);
    const before = joined;
    joined = tf.tidy(() => {
      const part = tf.slice(keys, [start, 0], [size, D]);
      const logits = tf.matMul<tf.Tensor2D>(queries, part, false, true);
      const mask = kept && tf.slice(kept, [0, start], [kept.shape[0], size]);
      const sums = sumLogits(mask ? without(logits, mask) : logits, part);
      return before ? joinSums(before, sums) : sums;
    });
    tf.dispose(before);
  }
  return joined as KeySums;
}

/** The sums over keys [K, D] with given logits [R, K]. */
export function sumLogits(logits: tf.Tensor2D, keys: tf.Tensor2D): KeySums {
  return tf.tidy(() => {
    const max = tf.max<tf.Tensor2D>(logits, 1, true);
    const exponentials = tf.exp(tf.sub(logits, max));
    return { max, sum: tf.sum<tf.Tensor2D>(exponentials, 1, true), weighted: tf.matMul(exponentials, keys) };
  });
}

/** Adds two sums: the result is over the keys of both. */
export function joinSums(a: KeySums, b: KeySums): KeySums {
  return tf.tidy(() => {
    const max = tf.maximum<tf.Tensor2D>(a.max, b.max);
    const [ofA, ofB] = [a, b].map((part) => tf.exp(tf.sub(part.max, max)));
    return {
      max,
      sum: tf.add(tf.mul(a.sum, ofA), tf.mul(b.sum, ofB)),
      weighted: tf.add(tf.mul(a.weighted, ofA), tf.mul(b.weighted, ofB)),
    };
  });
}

/** Replaces the logits of keys that do not count by a large negative, but finite, number. */
function without(logits: tf.Tensor2D, kept: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(tf.mul(logits, kept), tf.mul(tf.sub(1, kept), 1e9));
}

/**
 * Log-sum-exp and mean key of a softmax. (A type, not an interface, because `tf.tidy` does not accept an interface.)
 */
export type KeySoftmax = {
  /** [R, 1] log Σ exp(s), in nats. */
  readonly logSumExp: tf.Tensor2D;
  /** [R, D] Σ p · key, the mean key under the softmax. */
  readonly meanKey: tf.Tensor2D;
};

/** Log-sum-exp and mean key from the sums over all keys. */
export function softmaxOf({ max, sum, weighted }: KeySums): KeySoftmax {
  return tf.tidy(() => ({ logSumExp: tf.add(max, tf.log(sum)), meanKey: tf.div(weighted, sum) }));
}

/**
 * As {@link softmaxOf}, but with the arithmetic of the released code: it adds an ε such as 1e-12 to Σ exp(s − m). m is
 * the largest logit, including that of the query with itself.
 */
export function softmaxWithEpsilon(
  { max, sum, weighted }: KeySums,
  ownLogit: tf.Tensor2D,
  epsilon: number,
): KeySoftmax {
  return tf.tidy(() => {
    const shift = tf.maximum(max, ownLogit);
    const factor = tf.exp(tf.sub(max, shift));
    const total = tf.add(tf.mul(sum, factor), epsilon);
    return { logSumExp: tf.add(shift, tf.log(total)), meanKey: tf.div(tf.mul(weighted, factor), total) };
  });
}

/** The sums over a single key for each query, `own` [R, D]. */
export function ownKeySums(queries: tf.Tensor2D, own: tf.Tensor2D): KeySums {
  const max = rowProducts(queries, own);
  return { max, sum: tf.onesLike(max), weighted: own };
}

/** [R, 1] dot products of the rows of two tensors [R, D]. */
export function rowProducts(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.sum(tf.mul(a, b), 1, true);
}
