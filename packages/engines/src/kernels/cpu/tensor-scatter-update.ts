import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import type { CpuBackend } from './cpu-backend.ts';

/**
 * Writes into a copy. The engine's own kernel writes into the input tensor, and so into all tensors that share its
 * memory.
 */
export const tensorScatterUpdate: Kernel = {
  name: 'TensorScatterUpdate',
  create: (original) => (args) => {
    const backend = args.backend as unknown as CpuBackend;
    const { tensor } = args.inputs as Record<string, tf.TensorInfo>;
    const { values } = backend.data.get(tensor.dataId);
    const copy = backend.makeTensorInfo(tensor.shape, tensor.dtype, values.slice());
    const updated = original!({ ...args, inputs: { ...args.inputs, tensor: copy } });
    backend.disposeIntermediateTensorInfo(copy);
    return updated;
  },
};
