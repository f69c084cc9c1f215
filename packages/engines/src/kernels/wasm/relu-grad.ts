import * as tf from '@tensorflow/tfjs-core';
import { hostKernelOn } from '../host/host-kernel.ts';
import * as host from '../host/relu-grad.ts';
import type { Kernel } from '../kernel.ts';
import { type WasmBackend, wasmMemory } from './memory.ts';
import { SimdModule } from './simd/simd-module.ts';

const module = new SimdModule<'reluGradient'>('reluGradient');

/** {dy, y} → dx. */
export const reluGrad: Kernel = {
  name: 'ltml/ReluGrad',
  create: (original) => (call) => {
    const backend = call.backend as WasmBackend;
    const { dy, y } = call.inputs as Record<'dy' | 'y', tf.TensorInfo>;
    if (!module.on(backend)) return hostKernelOn(wasmMemory, host.reluGrad).create(original)(call);
    const dx = backend.makeOutput(y.shape, 'float32');
    const places = [dy, y, dx].map(({ dataId }) => backend.getMemoryOffset(dataId));
    const size = tf.util.sizeFromShape(y.shape);
    module.inParts(backend, 'reluGradient', { size, step: 4, multiplications: 8 * size }, (begin, end) => [
      ...places.map((place) => place + 4 * begin),
      end - begin,
    ]);
    return dx;
  },
};
