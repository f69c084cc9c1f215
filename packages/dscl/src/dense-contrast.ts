import * as tf from '@tensorflow/tfjs-core';

/** Inputs of a contrastive loss whose keys get a gradient too. It keeps all logits of anchors and keys in memory. */
export interface DenseContrast {
  /** [M, D] keys; the first A of them are the anchors. */
  readonly keys: tf.Tensor2D;
  readonly temperature: number;
  /** [A, E] further scores of the anchors, for example from a classifier. */
  readonly scores?: tf.Tensor2D;
  /** [A, E + M] added to all scores (further scores first, then keys), in the denominator only. */
  readonly offsets: tf.Tensor2D;
  /** [A, E + M] target distribution; each row sums to 1. The entry of an anchor with itself is 0. */
  readonly targets: tf.Tensor2D;
}

/**
 * The loss log Σ_j e^{s_ij + o_ij} − Σ_j t_ij·s_ij of each anchor over all other keys and scores, with s =
 * anchor·key/τ.
 *
 * Gradients, in closed form, flow to all keys and to the scores. The gradient of a score is p − t.
 *
 * @returns [A]
 */
export function denseContrast({ keys, temperature, scores, offsets, targets }: DenseContrast): tf.Tensor1D {
  const A = offsets.shape[0];
  const [M, D] = keys.shape;
  const inputs = scores ? [keys, scores] : [keys];
  const op = tf.customGrad((...args) => {
    const save = args[inputs.length] as tf.GradSaveFunc;
    const anchors = tf.slice(keys, [0, 0], [A, D]);
    const products = tf.div(tf.matMul(anchors, keys, false, true), temperature) as tf.Tensor2D;
    const all = scores ? tf.concat2d([scores, products], 1) : products;
    const others = tf.sub(all, tf.mul(itself(A, M, all.shape[1]), 1e9));
    const log = tf.logSoftmax(tf.add<tf.Tensor2D>(others, offsets));
    // `log` is score + offset − log-sum-exp. The target applies to scores without offsets, so offsets are subtracted
    // again.
    const value = tf.sum<tf.Tensor1D>(tf.mul(targets, tf.sub(offsets, log)), 1);
    save([tf.sub(tf.exp(log), targets), keys]);
    return {
      value,
      gradFunc: (dy: tf.Tensor, [residual, kept]: tf.Tensor[]) => {
        const byScore = tf.mul<tf.Tensor2D>(residual, tf.expandDims(dy, 1));
        const [E, step] = [scores?.shape[1] ?? 0, 1 / temperature];
        const byProduct = tf.mul<tf.Tensor2D>(tf.slice(byScore, [0, E], [A, M]), step);
        const asAnchor = tf.matMul<tf.Tensor2D>(byProduct, kept as tf.Tensor2D);
        const asKey = tf.matMul<tf.Tensor2D>(byProduct, tf.slice(kept as tf.Tensor2D, [0, 0], [A, D]), true, false);
        const byKey = tf.add(
          asKey,
          tf.pad(asAnchor, [
            [0, M - A],
            [0, 0],
          ]),
        );
        return scores ? [byKey, tf.slice(byScore, [0, 0], [A, E])] : [byKey];
      },
    };
  });
  return op(...inputs) as tf.Tensor1D;
}

/** The loss of no anchors: 0, with gradients of 0. (Some engines fail on empty tensors.) */
export function lossOfNothing(...inputs: tf.Tensor[]): tf.Scalar {
  const op = tf.customGrad((..._) => ({
    value: tf.scalar(0),
    gradFunc: () => inputs.map(({ shape }) => tf.zeros(shape)),
  }));
  return op(...inputs) as tf.Scalar;
}

/** [A, all] 1 for the score of an anchor with itself, else 0. */
export function itself(A: number, M: number, all: number): tf.Tensor2D {
  return tf.pad(tf.eye(A, M), [
    [0, 0],
    [all - M, 0],
  ]);
}

/** [R, K] 1 if two labels are equal, else 0. */
export function sameLabels(rows: tf.Tensor1D, keys: tf.Tensor1D): tf.Tensor2D {
  const [of, to] = [rows, keys].map((labels) => tf.cast(labels, 'int32'));
  return tf.cast(tf.equal<tf.Tensor2D>(tf.expandDims(of, 1), tf.expandDims(to, 0)), 'float32');
}

/** One-hot vectors [R, C] of classes. (`tf.oneHot` rejects a single class.) */
export function atClass(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  return sameLabels(labels, tf.range(0, classes, 1, 'int32'));
}
