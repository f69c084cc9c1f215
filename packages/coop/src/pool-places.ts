import { checkCount, checkNumber, checkOptionNames, checkShapes, l2Normalize, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Two logits for each class. Their softmax gives the probability that it is present. Axes: B images, C classes. */
export type TwoLogits = {
  /** [B, C] */
  readonly absent: tf.Tensor2D;
  /** [B, C] */
  readonly present: tf.Tensor2D;
};

/** Two embeddings for each class, for its absence and its presence. Axes: C classes, D features. */
export type TwoEmbeddings = {
  /** [C, D] */
  readonly absent: tf.Tensor2D;
  /** [C, D] */
  readonly present: tf.Tensor2D;
};

/** Options of {@link poolPlaces}. */
export interface PoolPlacesOptions {
  /** Factor of the cosines. Default 20. */
  readonly cosineScale?: number;
  /** Factor of the pooled cosines. Default 5. */
  readonly outputScale?: number;
}

/**
 * DualCoOp's pooling: for each class, a weighted mean of its similarities to all places. Places that are similar to the
 * class get large weights.
 *
 *     s_cp = cosineScale · cos(v_c, z_p),  w_cp = softmax over p of s_cp for the embedding of presence
 *     logit_c = outputScale · Σ_p w_cp s_cp, for absence and presence, with the same w
 *
 * @param places [B, P, D] z; in the published networks the first place is the mean of the map
 * @throws ShapeError, OptionError
 *
 * Gradients also flow through the weights. Edge cases: a place or an embedding of length 0 has a cosine of 0.
 *
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
  // Some engines fail on empty tensors.
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

/** Cosines [B, C, P] between each place and the embedding of presence of each class. @throws ShapeError */
export function similarPlaces(places: tf.Tensor3D, { present }: Pick<TwoEmbeddings, 'present'>): tf.Tensor3D {
  checkShapes('similarPlaces', { places: [places, 'B P D'], 'classes.present': [present, 'C D'] });
  return tf.tidy(() => tf.transpose(similarities(l2Normalize(places) as tf.Tensor3D, present, 1), [1, 0, 2]));
}

/** Similarities [C, B, P], by one matrix multiplication for the places of all images. */
function similarities(unit: tf.Tensor3D, embeddings: tf.Tensor2D, scale: number): tf.Tensor3D {
  const [B, P, D] = unit.shape;
  const of = tf.mul<tf.Tensor2D>(l2Normalize(embeddings), scale);
  return tf.reshape(tf.matMul(of, tf.reshape<tf.Rank.R2>(unit, [B * P, D]), false, true), [of.shape[0], B, P]);
}

function pooled(weights: tf.Tensor, values: tf.Tensor, scale: number): tf.Tensor2D {
  return tf.mul(tf.transpose(tf.sum<tf.Tensor2D>(tf.mul(weights, values), 2)), scale);
}
