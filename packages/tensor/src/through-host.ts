import * as tf from '@tensorflow/tfjs-core';
import { activeRecorder } from './step-recorder.ts';

/**
 * A float32 tensor that the host computes from another one in the middle of a step, e.g. from values of other ranks.
 *
 * A compiled step is divided here: its graph runs up to `x`, then `compute` is called, then the rest of the graph runs.
 * `compute` is called once for each run, in the order of the step. No gradient flows.
 *
 * @param shape of the result
 * @param compute returns the values, row-major, from those of `x`
 */
export function throughHost<S extends number[]>(
  x: tf.Tensor,
  shape: S,
  compute: (values: Float32Array) => Float32Array,
): tf.Tensor {
  const recorder = activeRecorder();
  if (!recorder) return tf.tensor(compute(x.dataSync<'float32'>()), shape, 'float32');
  const result = tf.tensor(new Float32Array(tf.util.sizeFromShape(shape)), shape, 'float32');
  recorder.throughHost(x, result, compute);
  return result;
}
