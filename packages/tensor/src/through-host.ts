import * as tf from '@tensorflow/tfjs-core';
import { activeRecorder, type HostComputation } from './step-recorder.ts';

/**
 * Float32 tensors that the host computes from others in the middle of a step, e.g. from values of other ranks.
 *
 * A compiled step is divided here: its graph runs up to the inputs, then `compute` is called, then the rest of the graph
 * runs. `compute` is called once for each run, in the order of the step. No gradient flows.
 *
 * @param inputs at least one
 * @param shapes of the results
 * @param compute returns their values, row-major, from those of the inputs. It may overwrite these and return them, but must not
 *   keep them.
 */
export function throughHost(
  inputs: readonly tf.Tensor[],
  shapes: readonly (readonly number[])[],
  compute: HostComputation,
): tf.Tensor[] {
  const recorder = activeRecorder();
  const tensors = (values: readonly Float32Array[]): tf.Tensor[] =>
    values.map((own, i) => tf.tensor(own, [...shapes[i]], 'float32'));
  // Some engines give the very memory of a tensor.
  if (!recorder) return tensors(compute(inputs.map((input) => input.dataSync<'float32'>().slice())));
  const results = tensors(shapes.map((shape) => new Float32Array(tf.util.sizeFromShape([...shape]))));
  recorder.throughHost(inputs, results, compute);
  return results;
}
