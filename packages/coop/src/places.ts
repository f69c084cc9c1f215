import { checkShapes, OptionError, withoutGradient } from '@ltml/tensor';
import type { Encoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The places of images as an encoder that rests gives them, [B, P, D]: its tokens, the image as a whole first; where it has
 * none, its patches or its map. Inputs that were encoded before are taken as they are.
 *
 * @throws OptionError if the encoder has but features of the image as a whole; ShapeError
 */
export function placesOf(where: string, encoder: Encoder | undefined, inputs: tf.Tensor): tf.Tensor3D {
  if (!encoder) return inRows(where, inputs);
  return withoutGradient(() => {
    const output = encoder.forward(inputs) as Readonly<Record<string, tf.Tensor | undefined>>;
    const places = output.tokens ?? output.patches ?? output.featureMap;
    if (places) return tf.clone(inRows(where, places));
    throw new OptionError({
      where,
      argument: 'parts.encoder',
      expected: 'an encoder with tokens, patches or a map',
      received: 'one with features of the whole image alone',
    });
  });
}

function inRows(where: string, places: tf.Tensor): tf.Tensor3D {
  if (places.rank !== 4) {
    checkShapes(where, { inputs: [places, 'B P D'] });
    return places as tf.Tensor3D;
  }
  const [B, h, w, D] = places.shape;
  return tf.reshape(places, [B, h * w, D]);
}
