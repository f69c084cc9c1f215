import { checkLabelTensor, checkNumber, checkOptionNames, checkShapes, zerosBehind } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { through, unitVectors } from './unit-vectors.ts';

/** Options of {@link prototypeContrast}. */
export interface PrototypeContrastOptions {
  /** [B, C] 1 known, 0 unknown. Unknown labels do not count. Default: all are known. */
  readonly known?: tf.Tensor2D;
  /** τ, above 0. Default 0.5. */
  readonly temperature?: number;
}

/**
 * Prototype contrastive loss, in nats. It pulls the projected feature of each present class to the prototype of its
 * class, and away from the other prototypes.
 *
 *     −log softmax_k(cos(z_bc, proto_k)/τ)_c, the mean over the present classes of all images
 *
 * Axes: B images, C classes, P projected features.
 *
 * @param projected [B, C, P] z
 * @param prototypes [C, P], see {@link prototypesOf}; they get no gradient
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar; 0 without a known positive
 * @throws ShapeError, OptionError; DataError for labels other than 0 and 1
 *
 * Edge cases: a prototype of length 0 has a cosine of 0.
 *
 * Source: the code of MLC-NC (AAAI 2025).
 */
export function prototypeContrast(
  projected: tf.Tensor3D,
  prototypes: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PrototypeContrastOptions = {},
): tf.Scalar {
  const where = 'prototypeContrast';
  checkOptionNames(where, options, ['known', 'temperature']);
  const { known, temperature = 0.5 } = options;
  const { B, C, P } = checkShapes(where, {
    projected: [projected, 'B C P'],
    prototypes: [prototypes, 'C P'],
    labels: [labels, 'B C'],
  });
  if (known) checkShapes(where, { labels: [labels, 'B C'], 'options.known': [known, 'B C'] });
  checkNumber(where, 'options.temperature', temperature, { above: 0 });
  checkLabelTensor(where, 'labels', labels);
  if (known) checkLabelTensor(where, 'options.known', known);
  if (projected.size === 0) return zerosBehind<tf.Rank.R0>([], projected);
  return tf.tidy(() => {
    const present = presentOf(labels, known);
    const op = tf.customGrad((z, save) => {
      const rows = tf.reshape<tf.Rank.R2>(z as tf.Tensor, [B * C, P]);
      // Only present classes count. Features of the others must not matter, even if they are NaN.
      const counted = tf.cast(tf.reshape(present, [B * C, 1]), 'bool');
      const features = unitVectors(tf.where(counted, rows, tf.zerosLike(rows)));
      const directions = unitVectors(prototypes).unit as tf.Tensor2D;
      const cosines = tf.matMul(features.unit as tf.Tensor2D, directions, false, true);
      const log = tf.logSoftmax(tf.div(cosines, temperature));
      const own = tf.tile(tf.eye(C), [B, 1]);
      const count = tf.maximum(tf.sum(present), 1);
      const weight = tf.div(tf.reshape(present, [B * C, 1]), count);
      const byCosine = tf.div(tf.mul(weight, tf.sub(tf.exp(log), own)), temperature) as tf.Tensor2D;
      const gradient = tf.reshape(through(features, tf.matMul(byCosine, directions)), [B, C, P]);
      (save as tf.GradSaveFunc)([gradient]);
      return {
        value: tf.neg(tf.sum(tf.mul(weight, tf.mul(own, log)))),
        gradFunc: (dy: tf.Tensor, [gradient]: tf.Tensor[]) => [tf.mul(gradient, dy)],
      };
    });
    return op(projected) as tf.Scalar;
  });
}

/** Sums of projected features by class. Their means are the prototypes. */
export type PrototypeSums = {
  /** [C, P] */
  readonly sums: tf.Tensor2D;
  /** [C] number of features in each sum. */
  readonly counts: tf.Tensor1D;
};

/**
 * Adds the projected features of present classes to the sums. No gradient flows.
 *
 * @param known [B, C] 1 known, 0 unknown. Default: all are known
 * @returns new tensors
 * @throws ShapeError; DataError for labels other than 0 and 1
 */
export function prototypeMeans(
  { sums, counts }: PrototypeSums,
  projected: tf.Tensor3D,
  labels: tf.Tensor2D,
  known?: tf.Tensor2D,
): PrototypeSums {
  checkShapes('prototypeMeans', {
    'state.sums': [sums, 'C P'],
    'state.counts': [counts, 'C'],
    projected: [projected, 'B C P'],
    labels: [labels, 'B C'],
    ...(known && { known: [known, 'B C'] }),
  });
  checkLabelTensor('prototypeMeans', 'labels', labels);
  if (known) checkLabelTensor('prototypeMeans', 'known', known);
  if (projected.size === 0) return { sums: tf.clone(sums), counts: tf.clone(counts) };
  return tf.tidy(() => {
    const present = presentOf(labels, known);
    const column = tf.expandDims(present, 2);
    const counted = tf.where(tf.cast(column, 'bool'), projected, tf.zerosLike(projected));
    return {
      sums: tf.add<tf.Tensor2D>(sums, tf.sum(counted, 0)),
      counts: tf.add<tf.Tensor1D>(counts, tf.sum(present, 0)),
    };
  });
}

/** The prototypes [C, P]: mean features of each class. Zeros for a class that was never present. @throws ShapeError */
export function prototypesOf({ sums, counts }: PrototypeSums): tf.Tensor2D {
  checkShapes('prototypesOf', { 'state.sums': [sums, 'C P'], 'state.counts': [counts, 'C'] });
  return tf.tidy(() => tf.div(sums, tf.expandDims(tf.maximum(counts, 1), 1)));
}

/** Known positives as floats. Both inputs are cast first, because engines cannot multiply booleans. */
function presentOf(labels: tf.Tensor2D, known: tf.Tensor2D | undefined): tf.Tensor2D {
  const present = tf.cast<tf.Tensor2D>(labels, 'float32');
  return known ? tf.mul<tf.Tensor2D>(present, tf.cast(known, 'float32')) : present;
}
