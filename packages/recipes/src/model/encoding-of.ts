import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { EntryError } from '../usage-error.ts';

/**
 * Encodes images as the first of the wanted encodings that the encoder has. @throws EntryError if it has none of them
 */
export function encodeAs(encoder: Encoder, encodings: readonly EncodingName[], images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const output: Partial<Record<EncodingName, tf.Tensor>> = encoder.forward(images);
    return output[firstOf(output, encodings)] as tf.Tensor;
  });
}

/** The name of that encoding. @param imageShape [H, W, 3] @throws EntryError if the encoder has none of them */
export function encodingOf(
  encoder: Encoder,
  encodings: readonly EncodingName[],
  imageShape: readonly number[],
): EncodingName {
  const { training } = encoder;
  let found: EncodingName = encodings[0];
  // In training mode, batch norm would update its statistics.
  encoder.eval();
  try {
    tf.tidy(() => {
      found = firstOf(encoder.forward(tf.zeros([1, ...imageShape])), encodings);
    });
  } finally {
    encoder.train(training);
  }
  return found;
}

function firstOf(output: Partial<Record<EncodingName, tf.Tensor>>, encodings: readonly EncodingName[]): EncodingName {
  const encoding = encodings.find((name) => output[name]);
  if (encoding) return encoding;
  throw new EntryError(`the method takes ${encodings.join(' or ')}, which this encoder does not give`, 'encoder');
}
