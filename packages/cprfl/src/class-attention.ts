import * as tf from '@tensorflow/tfjs-core';

/** How the columns of a projection are parted into heads, and what multiplies the scores. */
export interface HeadForm {
  /** h */
  readonly heads: number;
  readonly scale: number;
}

/** (A type, not an interface, which `tf.tidy` would not take.) */
export type Attended = {
  /** [B, M, h · d] the heads side by side. */
  readonly values: tf.Tensor3D;
  /** [h, B, M, L] a distribution over the L tokens for each query. */
  readonly weights: tf.Tensor4D;
};

/**
 * Multi-head attention of the last M of L tokens to all of them: softmax(scale · Q · Kᵀ) · V.
 *
 * @param tokens [B, L, D]
 * @param projection [D, 3 · h · d]: the columns of queries, keys and values, each with one head beside the other
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
 * The same for queries that are the same in every image: C prompts ask L visual tokens and each other.
 *
 * What belongs to the prompts alone is computed once, not once an image: their queries, values and scores among
 * themselves. And keys are not made at all. With qᵢ the query of a class and head and Wk the columns of its head,
 * qᵢ · (Wkᵀ x) = (Wk qᵢ) · x, so that the scores of all classes and heads are one product of the tokens with
 * C · h vectors, of which there are mostly fewer than columns of keys.
 *
 * @param rows [B · L + C, D] the visual tokens of all images, then the prompts
 * @param projection as for {@link tokenAttention}
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
        // Added to zeros, because the gradient of `tile` takes a slice for each image.
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
