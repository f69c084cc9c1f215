import * as tf from '@tensorflow/tfjs-core';
import { activeRecorder } from './step-recorder.ts';

/**
 * A float32 tensor whose values the host makes at every run of a step, e.g. a learning rate or a dropout mask.
 *
 * In an eager step this is `tf.tensor(fill(), shape)`. In a compiled step the tensor becomes an input of the graph, and
 * `fill` is called for each run. A plain `tf.tensor` would keep its first values in the graph forever.
 *
 * @param shape of the tensor
 * @param fill returns the values, row-major. It may draw from a seeded stream, and is called once a run
 */
export function fromHost<S extends number[]>(shape: S, fill: () => Float32Array): tf.Tensor {
  const values = fill();
  const tensor = tf.tensor(values, shape, 'float32');
  activeRecorder()?.hostInput(tensor, values, fill);
  return tensor;
}
