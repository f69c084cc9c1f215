import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { oneHot } from '../one-hot.ts';
import { classPairs } from './class-pairs.ts';

/**
 * Scores of pairs of classes: s_bp = Σ_h q_ph·relu(u_ibh + v_jbh) for the pair p = (i, j).
 *
 * Axes: C classes, B images, H hidden features, P = C·(C − 1)/2 pairs in the order of {@link classPairs}.
 *
 * @param u [C, B, H], for the first class of a pair
 * @param v [C, B, H], for the second class
 * @param q [P, H]
 * @param blockEntries entries of one block of pairs. Default 32 MB: the allocator does not reuse larger blocks
 * @returns [B, P]
 * @throws ShapeError
 *
 * Memory: P·B·H floats from the forward to the backward pass.
 */
export function pairScores(
  u: tf.Tensor3D,
  v: tf.Tensor3D,
  q: tf.Tensor2D,
  blockEntries: number = 1 << 23,
): tf.Tensor2D {
  const { C, B, H } = checkShapes('pairScores', { u: [u, 'C B H'], v: [v, 'C B H'] });
  const { first, second } = classPairs(C);
  const P = first.length;
  checkShapes('pairScores', { q: [q, `${P} ${H}`] });
  const most = Math.max(1, Math.floor(blockEntries / (B * H)));
  const blocks = Array.from({ length: Math.ceil(P / most) }, (_, k) => {
    const [start, end] = [k * most, Math.min(P, (k + 1) * most)];
    return { start, first: first.subarray(start, end), second: second.subarray(start, end) };
  });
  const scores = tf.customGrad((...inputs) => {
    const [u, v, q, save] = inputs as unknown as [tf.Tensor3D, tf.Tensor3D, tf.Tensor2D, tf.GradSaveFunc];
    const rowsOf = (x: tf.Tensor3D, classes: Int32Array): tf.Tensor3D => tf.gather(x, tf.tensor1d(classes, 'int32'));
    const weights = blocks.map(({ start, first }) => tf.slice(q, [start, 0], [first.length, H]));
    const hidden = blocks.map(({ first, second }) => tf.relu(tf.add<tf.Tensor3D>(rowsOf(u, first), rowsOf(v, second))));
    save([...weights, ...hidden]);
    const parts = hidden.map((h, k) => tf.squeeze<tf.Tensor2D>(tf.matMul(h, tf.expandDims(weights[k], 2)), [2]));
    return {
      value: tf.transpose(parts.length > 1 ? tf.concat(parts, 0) : parts[0]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const byPair = tf.transpose(dy as tf.Tensor2D);
        const gradients = blocks.map(({ start, first, second }, k) => {
          const [w, h] = [saved[k] as tf.Tensor2D, saved[blocks.length + k] as tf.Tensor3D];
          const steps = tf.expandDims(tf.slice(byPair, [start, 0], [first.length, B]), 2) as tf.Tensor3D;
          const active = tf.cast(tf.greater(h, 0), 'float32');
          const byHidden = tf.mul(tf.mul(steps, tf.expandDims(w, 1)), active);
          const flat = tf.reshape<tf.Rank.R2>(byHidden, [first.length, B * H]);
          const ofClasses = (classes: Int32Array): tf.Tensor2D =>
            tf.matMul(oneHot(tf.tensor1d(classes, 'int32'), C), flat, true);
          return [
            ofClasses(first),
            ofClasses(second),
            tf.squeeze<tf.Tensor2D>(tf.matMul(h, steps, true), [2]),
          ] as const;
        });
        const [byFirst, bySecond] = [0, 1].map((kind) =>
          tf.reshape(tf.addN(gradients.map((gradient) => gradient[kind])), [C, B, H]),
        );
        return [
          byFirst,
          bySecond,
          tf.concat(
            gradients.map(([, , byQ]) => byQ),
            0,
          ),
        ];
      },
    };
  });
  return scores(u, v, q) as tf.Tensor2D;
}
