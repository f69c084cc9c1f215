import type { HostTensor } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityInputs } from '../../tensor/parity/adapter.ts';

export const numbersOf = (inputs: ParityInputs): Record<string, number> => inputs.params as Record<string, number>;

/** From NCHW to NHWC, our layout. */
export const toOurs = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 2, 3, 1]);
/** From NHWC to NCHW. */
export const toTheirs = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 3, 1, 2]);

/** From labels −1 (absent), 0 (unknown) and 1 (present) to labels and known. */
export function decode(labels: tf.Tensor): { labels: tf.Tensor2D; known: tf.Tensor2D } {
  return {
    labels: tf.relu(tf.cast(labels as tf.Tensor2D, 'float32')),
    known: tf.cast(tf.notEqual<tf.Tensor2D>(labels as tf.Tensor2D, 0), 'float32'),
  };
}

/** The inverse of {@link decode}. Labels can be soft. */
export function encode({ labels, known }: { labels: tf.Tensor; known: tf.Tensor }): tf.Tensor {
  return tf.sub(labels, tf.mul(known, tf.cast(tf.equal(labels, 0), 'float32')));
}

/** Stored parameters by their state names. The file stores a scalar as a vector of length 1. */
export function storedParameters(inputs: ParityInputs, scalars: readonly string[] = []): Map<string, HostTensor> {
  const names = inputs.names.filter((name) => name.startsWith('param.')).map((name) => name.slice('param.'.length));
  return new Map(
    names.map((name) => {
      const stored = inputs.host(`param.${name}`);
      return [name, scalars.includes(name) ? { ...stored, shape: [] } : stored];
    }),
  );
}
