import type { Encoder, EncoderView } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { EntryError } from '../usage-error.ts';

/** Of the views that a method can work on, the first that an encoder has of images. @throws EntryError if it has none */
export function viewOf(encoder: Encoder, views: readonly EncoderView[], images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const output: Partial<Record<EncoderView, tf.Tensor>> = encoder.forward(images);
    return output[firstOf(output, views)] as tf.Tensor;
  });
}

/** Which view that is of images of a shape. @throws EntryError if it has none */
export function encodingOf(
  encoder: Encoder,
  views: readonly EncoderView[],
  imageShape: readonly number[],
): EncoderView {
  let found: EncoderView = views[0];
  tf.tidy(() => {
    found = firstOf(encoder.forward(tf.zeros([1, ...imageShape])), views);
  });
  return found;
}

function firstOf(output: Partial<Record<EncoderView, tf.Tensor>>, views: readonly EncoderView[]): EncoderView {
  const view = views.find((name) => output[name]);
  if (view) return view;
  throw new EntryError(`the method works on the ${views.join(' or ')} of an encoder, and this has none`, 'encoder');
}
