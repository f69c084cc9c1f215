import * as tf from '@tensorflow/tfjs-core';
import { activeRecorder } from './step-recorder.ts';

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
  const values = fill();
  const tensor = tf.tensor(values, shape, 'float32');
  activeRecorder()?.hostInput(tensor, values, fill);
  return tensor;
}
