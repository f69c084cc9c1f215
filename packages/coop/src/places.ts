import { checkShapes, OptionError, withoutGradient } from '@ltml/tensor';
import type { Encoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The places of images from a frozen encoder, [B, P, D]: its tokens (the whole image first), or else its patches or
 * feature map. Without an encoder, the inputs are such places already.
 *
 * @throws OptionError if the encoder has features of the whole image only; ShapeError
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
      expected: 'an encoder with tokens, patches or a feature map',
      received: 'one with features of the whole image only',
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
