import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { isNumeric, runRawOpOnce } from './raw-op.ts';

/**
 * `tf.gather` that does not read the indices on the host. The engine's own kernel reads them to check them, which
 * blocks a GPU and is impossible in a compiled step. On a CPU, TensorFlow checks them itself.
 */
export const gather: Kernel = {
  name: 'GatherV2',
  create: (original) => (call) => {
    const { x, indices } = call.inputs as Record<string, tf.Tensor>;
    if (!isNumeric(x.dtype) || !isNumeric(indices.dtype)) return original!(call);
    const { axis: given, batchDims } = call.attrs as { axis: number; batchDims: number };
    const [axis] = tf.util.parseAxisParam(given, x.shape);
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
    // TensorFlow does not check indices if there is nothing to copy.
    if (x.size === 0) checkIndices(indices.dataSync(), x.shape[axis]);
    const types = { Tparams: x.dtype, Tindices: indices.dtype, Taxis: 'int32' } as const;
    const attributes = { floatTypes: [], types, ints: { batch_dims: batchDims } };
    return tf.tidy(() => {
      try {
        return runRawOpOnce(call.backend, 'GatherV2', attributes, [x, indices, tf.scalar(axis, 'int32')]);
      } catch (error) {
        checkIndices(indices.dataSync(), x.shape[axis]);
        throw error;
      }
    });
  },
};

function checkIndices(indices: ArrayLike<number>, rows: number): void {
  for (let i = 0; i < indices.length; i++) {
    if (indices[i] >= 0 && indices[i] < rows) continue;
    throw new RangeError(`GatherV2: the index value ${indices[i]} is not in [0, ${rows - 1}]`);
  }
}
