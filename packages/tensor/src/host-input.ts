import * as tf from '@tensorflow/tfjs-core';

/** Where a recorder of steps hangs itself up on the active backend; see `compile` in `@ltml/tensor/node`. */
export const hostInputRecorder: unique symbol = Symbol.for('@ltml/tensor/host-input-recorder') as never;

/** Called with the tensor made for this call and with what makes the values of the next one. */
export type HostInputRecorder = (tensor: tf.Tensor, fill: () => Float32Array) => void;

/**
 * A float32 tensor whose values are made on the host at every run of a step: a learning rate, a dropout mask.
 *
 * In an eager step this is `tf.tensor(fill(), shape)`. When the step is compiled, the tensor becomes an input of the
 * graph and `fill` is called anew for each run; a plain `tf.tensor` would be frozen into the graph as it was.
 *
 * @param shape of the tensor
 * @param fill makes the values, row-major; it may draw from a seeded stream, and is called once a run
 */
export function fromHost<S extends number[]>(shape: S, fill: () => Float32Array): tf.Tensor {
  const tensor = tf.tensor(fill(), shape, 'float32');
  const record = Reflect.get(tf.backend(), hostInputRecorder) as HostInputRecorder | undefined;
  record?.(tensor, fill);
  return tensor;
}
