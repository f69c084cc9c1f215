import { checkCount, checkNumber, checkOptionNames, checkShapes, l2Normalize, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Two logits for each class, of which the softmax says how likely it is present. Axes: B images, C classes. */
export type TwoLogits = {
  /** [B, C] */
  readonly absent: tf.Tensor2D;
  /** [B, C] */
  readonly present: tf.Tensor2D;
};

/** Two embeddings for each class. Axes: C classes, D features. */
export type TwoEmbeddings = {
  /** [C, D] */
  readonly absent: tf.Tensor2D;
  /** [C, D] */
  readonly present: tf.Tensor2D;
};

export interface PoolPlacesOptions {
  /** Multiplies cosines, default 20. */
  readonly cosineScale?: number;
  /** Multiplies the pooled cosines, default 5. */
  readonly outputScale?: number;
}

/**
 * Pools the similarities of places and classes, each class by the places that look like it.
 *
 *     s_cp = cosineScale · cos(v_c, z_p),  w_cp = softmax over p of s_cp by the embedding of presence
 *     logit_c = outputScale · Σ_p w_cp s_cp, for absence and presence by the same w
 *
 * @param places [B, P, D] z; the published networks have the mean of the map as the first of them
 * @throws ShapeError, OptionError
 *
 * Edge cases: a place or an embedding of length 0 has a cosine of 0. The gradient flows through the weights.
 * Source: Sun et al. (DualCoOp), NeurIPS 2022, and their code.
 */
export function poolPlaces(places: tf.Tensor3D, classes: TwoEmbeddings, options: PoolPlacesOptions = {}): TwoLogits {
  const where = 'poolPlaces';
  checkOptionNames(where, options, ['cosineScale', 'outputScale']);
  const { cosineScale = 20, outputScale = 5 } = options;
  checkNumber(where, 'options.cosineScale', cosineScale);
  checkNumber(where, 'options.outputScale', outputScale);
  const { B, P, C } = checkShapes(where, {
    places: [places, 'B P D'],
    'classes.absent': [classes.absent, 'C D'],
    'classes.present': [classes.present, 'C D'],
  });
  checkCount(where, 'places of an image', P);
  // Kernels of some engines fail on tensors without entries.
  if (B === 0 || C === 0) {
    const nothing = (): tf.Tensor2D => zerosBehind([B, C], places, classes.absent, classes.present);
    return { absent: nothing(), present: nothing() };
  }
  return tf.tidy(() => {
    const z = l2Normalize(places) as tf.Tensor3D;
    const [absent, present] = [classes.absent, classes.present].map((of) => similarities(z, of, cosineScale));
    const weights = tf.softmax(present);
    return { absent: pooled(weights, absent, outputScale), present: pooled(weights, present, outputScale) };
  });
}

/** How alike each place is to the embedding of presence of each class, [B, C, P] cosines. @throws ShapeError */
export function similarPlaces(places: tf.Tensor3D, { present }: Pick<TwoEmbeddings, 'present'>): tf.Tensor3D {
  checkShapes('similarPlaces', { places: [places, 'B P D'], 'classes.present': [present, 'C D'] });
  return tf.tidy(() => tf.transpose(similarities(l2Normalize(places) as tf.Tensor3D, present, 1), [1, 0, 2]));
}

/** [C, B, P]: one product of matrices, with the places of all images side by side. */
function similarities(unit: tf.Tensor3D, embeddings: tf.Tensor2D, scale: number): tf.Tensor3D {
  const [B, P, D] = unit.shape;
  const of = tf.mul<tf.Tensor2D>(l2Normalize(embeddings), scale);
  return tf.reshape(tf.matMul(of, tf.reshape<tf.Rank.R2>(unit, [B * P, D]), false, true), [of.shape[0], B, P]);
}

function pooled(weights: tf.Tensor, values: tf.Tensor, scale: number): tf.Tensor2D {
  return tf.mul(tf.transpose(tf.sum<tf.Tensor2D>(tf.mul(weights, values), 2)), scale);
}
