import * as tf from '@tensorflow/tfjs-core';

/** The number of attention heads and the scale of their scores. */
export interface HeadForm {
  /** h */
  readonly heads: number;
  /** Multiplies Q · Kᵀ. */
  readonly scale: number;
}

/** The result of attention. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type Attended = {
  /** [B, M, h · d] the outputs of all heads, concatenated. */
  readonly values: tf.Tensor3D;
  /** [h, B, M, L] attention weights: for each query they sum to 1 over the L tokens. */
  readonly weights: tf.Tensor4D;
};

/**
 * Multi-head attention, softmax(scale · Q · Kᵀ) · V, where only the last M of the L tokens are queries.
 *
 * @param tokens [B, L, D]
 * @param queries M
 * @param projection [D, 3 · h · d]: the weights of queries, then keys, then values; in each, the heads one after the
 *   other
 */
export function tokenAttention(tokens: tf.Tensor3D, queries: number, projection: tf.Tensor, form: HeadForm): Attended {
  const [B, L, D] = tokens.shape;
  const [Wq, Wk, Wv] = tf.split(projection as tf.Tensor2D, 3, 1);
  const asking = queries < L ? tf.slice(tokens, [0, L - queries, 0]) : tokens;
  const project = (x: tf.Tensor3D, weight: tf.Tensor) =>
    headsFirst(tf.matMul(tf.reshape(x, [-1, D]), weight as tf.Tensor2D), B, form.heads);
  const scores = tf.matMul(tf.mul(project(asking, Wq), form.scale), project(tokens, Wk), false, true);
  const weights = tf.softmax(scores) as tf.Tensor4D;
  return { values: headsLast(tf.matMul(weights, project(tokens, Wv))), weights };
}

/**
 * The same attention for queries that are equal in every image: C prompts attend to L visual tokens and to each other.
 *
 * It is faster than {@link tokenAttention} for two reasons:
 *
 * - The queries and values of the prompts, and the scores between prompts, are computed once, not once for each image.
 * - Keys are never computed. Let qᵢ be the query of one class in one head, and Wk the key weights of that head. Then
 *   qᵢ · (Wkᵀ x) = (Wk qᵢ) · x. So one matrix multiplication of the tokens by C · h vectors gives all scores. C · h is
 *   usually less than h · d, the number of key columns.
 *
 * @param rows [B · L + C, D] the visual tokens of all images, then the prompts
 * @param projection as in {@link tokenAttention}
 */
export function promptAttention(
  rows: tf.Tensor2D,
  { images: B, prompts: C }: { readonly images: number; readonly prompts: number },
  projection: tf.Tensor,
  { heads, scale }: HeadForm,
): Attended {
  const [count, D] = rows.shape;
  const visual = count - C;
  const L = visual / B;
  const [Wq, Wk, Wv] = tf.split(projection as tf.Tensor2D, 3, 1);
  const q = headsFirst(tf.matMul(tf.slice(rows, visual), Wq), 1, heads);
  const asked = tf.matMul(tf.mul(q, scale), headsFirst(Wk, 1, heads), false, true);
  const scores = tf.matMul(rows, tf.reshape<tf.Rank.R2>(asked, [heads * C, D]), false, true);
  const [visualScores, promptScores] = tf.split(scores, [visual, C]);
  const weights = tf.softmax(
    tf.concat(
      [
        tf.transpose(tf.reshape(visualScores, [B, L, heads, C]), [2, 0, 3, 1]),
        // Broadcast by an addition: the gradient of `tile` would slice once for each image.
        tf.add(tf.zeros([heads, B, C, C]), tf.transpose(tf.reshape(promptScores, [1, C, heads, C]), [2, 0, 3, 1])),
      ],
      3,
    ),
  ) as tf.Tensor4D;
  const [visualWeights, promptWeights] = tf.split(weights, [L, C], 3);
  const [visualValues, promptValues] = tf.split(tf.matMul(rows, Wv), [visual, C]);
  const fromVisual = tf.matMul(visualWeights, headsFirst(visualValues, B, heads));
  const fromPrompts = tf.matMul(tf.reshape(promptWeights, [heads, 1, B * C, C]), headsFirst(promptValues, 1, heads));
  return { values: headsLast(tf.add(fromVisual, tf.reshape(fromPrompts, fromVisual.shape))), weights };
}

/** [B · L, h · d] → [h, B, L, d] */
function headsFirst(x: tf.Tensor, B: number, heads: number): tf.Tensor4D {
  const [rows, width] = x.shape;
  return tf.transpose(tf.reshape(x, [B, rows / B, heads, width / heads]), [2, 0, 1, 3]);
}

/** [h, B, M, d] → [B, M, h · d] */
function headsLast(x: tf.Tensor): tf.Tensor3D {
  const [heads, B, M, d] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 2, 0, 3]), [B, M, heads * d]);
}
