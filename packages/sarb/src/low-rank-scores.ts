import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Entries of one block, 32 MB. The allocator does not reuse larger blocks but maps new memory each time. */
const blockEntries = 1 << 23;

/**
 * Scores of low-rank bilinear pooling, s_lc = Σ_d q_d·tanh(u_ld·v_cd), plus a constant. The constant is the same for
 * all scores, so a softmax over l is not affected.
 *
 * Axes: L positions of all images, C classes, D inner features.
 *
 * @param u [L, D] positions
 * @param v [C, D] classes
 * @param q [D]
 * @returns [L, C]
 * @throws ShapeError
 *
 * The tanh is needed for every position, class and feature. Nothing else of this size is computed: with the features as
 * the first axis, all other sums of both passes are matrix multiplications or plain sums. The tanh is 2σ(2x) − 1,
 * because WASM has a vectorised kernel for σ. The −1 is left out, which gives the constant.
 *
 * Memory: L·C·D floats from the forward to the backward pass.
 */
export function lowRankScores(u: tf.Tensor2D, v: tf.Tensor2D, q: tf.Tensor1D): tf.Tensor2D {
  const { L, C, D } = checkShapes('lowRankScores', { u: [u, 'L D'], v: [v, 'C D'], q: [q, 'D'] });
  const sizes = blockSizes(D, Math.max(1, Math.floor(blockEntries / (L * C))));
  const blocks = sizes.length;
  const scores = tf.customGrad((...inputs) => {
    const [u, v, q, save] = inputs as unknown as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc];
    const byFeature = [tf.transpose(tf.mul(u, 2)), tf.transpose(v), tf.reshape(tf.mul(q, 2), [D, 1])];
    const [us, vs, qs] = byFeature.map((x) => tf.split<tf.Tensor2D>(x as tf.Tensor2D, sizes, 0));
    const sigmas = sizes.map((_, i) => tf.sigmoid(tf.mul(tf.expandDims(us[i], 2), tf.expandDims(vs[i], 1))));
    save([...us, ...vs, ...qs, ...sigmas]);
    const parts = sigmas.map((sigma, i) => tf.matMul(qs[i], tf.reshape(sigma, [sizes[i], L * C]), true));
    return {
      value: tf.reshape(parts.length > 1 ? tf.addN(parts) : parts[0], [L, C]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const grads = sizes.map((_, i) => blockGradient(dy as tf.Tensor2D, pick(saved, blocks, i)));
        const [du, dv, dq] = [0, 1, 2].map((k) =>
          tf.concat(
            grads.map((grad) => grad[k]),
            0,
          ),
        );
        return [tf.mul(tf.transpose(du), 2), tf.transpose(dv), tf.mul(tf.reshape(dq, [D]), 2)];
      },
    };
  });
  return scores(u, v, q) as tf.Tensor2D;
}

interface Block {
  /** [d, L] */
  readonly u: tf.Tensor2D;
  /** [d, C] */
  readonly v: tf.Tensor2D;
  /** [d, 1] */
  readonly q: tf.Tensor2D;
  /** [d, L, C] σ(u·v) */
  readonly sigma: tf.Tensor3D;
}

function pick(saved: readonly tf.Tensor[], blocks: number, i: number): Block {
  const [u, v, q, sigma] = [0, 1, 2, 3].map((kind) => saved[kind * blocks + i]);
  return { u, v, q, sigma } as Block;
}

/** Gradients of u, v and q, with σ′ = σ − σ². */
function blockGradient(dy: tf.Tensor2D, { u, v, q, sigma }: Block): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const [d, L, C] = sigma.shape;
  const weighted = tf.mul(sigma, tf.expandDims(dy, 0));
  const through = tf.sub<tf.Tensor3D>(weighted, tf.mul(weighted, sigma));
  const byU = tf.reshape(tf.matMul(through, tf.expandDims(v, 2) as tf.Tensor3D), [d, L]);
  const byV = tf.reshape(tf.matMul(tf.expandDims(u, 1) as tf.Tensor3D, through), [d, C]);
  const byQ = tf.sum(weighted, [1, 2]);
  return [tf.mul(byU, q), tf.mul(byV, q), byQ];
}

/** Splits D into blocks of at most `most`. */
function blockSizes(D: number, most: number): number[] {
  return Array.from({ length: Math.ceil(D / most) }, (_, i) => Math.min(most, D - i * most));
}
