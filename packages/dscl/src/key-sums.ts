import * as tf from '@tensorflow/tfjs-core';

/**
 * What a softmax over keys leaves of them, in a form that can be joined with that over other keys.
 *
 * (A type, not an interface, which `tf.tidy` would not take.) Axes: R queries, D features.
 */
export type KeySums = {
  /** [R, 1] the largest logit. */
  readonly max: tf.Tensor2D;
  /** [R, 1] Σ exp(s − max). */
  readonly sum: tf.Tensor2D;
  /** [R, D] Σ exp(s − max) · key. */
  readonly weighted: tf.Tensor2D;
};

/** Entries of logits that are in memory at a time: 4 MiB, which stay in a processor's cache. */
const blockEntries = 1 << 20;

/**
 * Goes once through the keys, block by block: logits s = query · key, and what a softmax over them needs.
 *
 * Memory is a block of logits, whatever the number of keys; no key is copied for a query.
 *
 * @param queries [R, D] already divided by the temperature
 * @param keys [K, D]
 * @param kept [R, K] or [1, K] 1 where a key counts, 0 where not; all count if left out
 */
export function sumKeys(queries: tf.Tensor2D, keys: tf.Tensor2D, kept?: tf.Tensor2D): KeySums {
  const [K, D] = keys.shape;
  const R = queries.shape[0];
  // Below all logits, and of no weight.
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

/** The sums over keys [K, D] whose logits [R, K] are there already. */
export function sumLogits(logits: tf.Tensor2D, keys: tf.Tensor2D): KeySums {
  return tf.tidy(() => {
    const max = tf.max<tf.Tensor2D>(logits, 1, true);
    const exponentials = tf.exp(tf.sub(logits, max));
    return { max, sum: tf.sum<tf.Tensor2D>(exponentials, 1, true), weighted: tf.matMul(exponentials, keys) };
  });
}

/** The sums over the keys of both. */
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

/** Logits far below all others, but finite, where a key does not count. */
function without(logits: tf.Tensor2D, kept: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(tf.mul(logits, kept), tf.mul(tf.sub(1, kept), 1e9));
}

/** Log-sum-exp and mean key of a softmax. (A type, not an interface, which `tf.tidy` would not take.) */
export type KeySoftmax = {
  /** [R, 1] log Σ exp(s), in nats. */
  readonly logSumExp: tf.Tensor2D;
  /** [R, D] Σ p · key, where a query looks. */
  readonly meanKey: tf.Tensor2D;
};

/** What the sums say once all keys are in. */
export function softmaxOf({ max, sum, weighted }: KeySums): KeySoftmax {
  return tf.tidy(() => ({ logSumExp: tf.add(max, tf.log(sum)), meanKey: tf.div(weighted, sum) }));
}

/**
 * The same in the released code's arithmetic: 1e-12 or so is added to Σ exp(s − m), where m is the largest logit, that of
 * the query with itself included.
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

/** The sums over one key for each query: `own` [R, D]. */
export function ownKeySums(queries: tf.Tensor2D, own: tf.Tensor2D): KeySums {
  const max = rowProducts(queries, own);
  return { max, sum: tf.onesLike(max), weighted: own };
}

/** [R, 1] inner products of the rows of two tensors [R, D]. */
export function rowProducts(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.sum(tf.mul(a, b), 1, true);
}
