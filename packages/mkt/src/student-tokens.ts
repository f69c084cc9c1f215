import { checkShapes, NotSupportedError, ShapeError } from '@ltml/tensor';
import type { MapEncoder, TokenEncoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageEmbeddings } from './two-stream.ts';

/** Any encoder that gives patches or a feature map. */
export type Student = TokenEncoder | MapEncoder;

/**
 * Features of the whole image and of its patches, at the student's width W. Patches are the tokens of a transformer or
 * the places of a feature map. Without a student, the inputs are tokens [B, 1 + N, W]; the first one is the whole
 * image.
 *
 * @throws ShapeError; NotSupportedError for an encoder whose map and features have different widths (CLIP's ResNets)
 */
export function studentTokens(student: Student | undefined, inputs: tf.Tensor): ImageEmbeddings {
  if (!student) return partTokens(inputs as tf.Tensor3D);
  const output = student.forward(inputs);
  const { features } = output;
  const patches = 'patches' in output ? output.patches : placesOf(output.featureMap);
  if (patches.shape[2] === features.shape[1]) return { features, patches };
  throw new NotSupportedError({
    where: 'Mkt',
    argument: 'parts.student',
    expected: `an encoder with patches as wide as its features, ${features.shape[1]}`,
    received: `patches of ${patches.shape[2]}`,
  });
}

/** Joins features and patches to one tensor [B, 1 + N, W]. {@link partTokens} splits it again. */
export function joinTokens({ features, patches }: ImageEmbeddings): tf.Tensor3D {
  return tf.tidy(() => tf.concat([tf.expandDims<tf.Tensor3D>(features, 1), patches], 1));
}

export function partTokens(tokens: tf.Tensor3D): ImageEmbeddings {
  const { B, L, W } = checkShapes('Mkt', { inputs: [tokens, 'B L W'] });
  if (L === 0)
    throw new ShapeError({ where: 'Mkt', argument: 'inputs', expected: '[B, 1 + N, W]', received: '[B, 0, W]' });
  return tf.tidy(() => ({
    features: tf.reshape(tf.slice(tokens, [0, 0, 0], [B, 1, W]), [B, W]),
    patches: tf.slice(tokens, [0, 1, 0], [B, L - 1, W]),
  }));
}

function placesOf(map: tf.Tensor4D): tf.Tensor3D {
  const [B, h, w, W] = map.shape;
  return tf.reshape(map, [B, h * w, W]);
}
