import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { EntryError } from '../usage-error.ts';

/** Of the encodings that a method can work on, the first that an encoder has, of images. @throws EntryError if it has none */
export function encodeAs(encoder: Encoder, encodings: readonly EncodingName[], images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const output: Partial<Record<EncodingName, tf.Tensor>> = encoder.forward(images);
    return output[firstOf(output, encodings)] as tf.Tensor;
  });
}

/** Which encoding that is, of images of a shape. @throws EntryError if it has none */
export function encodingOf(
  encoder: Encoder,
  encodings: readonly EncodingName[],
  imageShape: readonly number[],
): EncodingName {
  const { training } = encoder;
  let found: EncodingName = encodings[0];
  // In training it would gather statistics.
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
  throw new EntryError(`the method works on the ${encodings.join(' or ')} of an encoder, and this has none`, 'encoder');
}
