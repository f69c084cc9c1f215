import { gelu, geluGrad } from '../host/gelu.ts';
import { type HostMemory, hostKernelOn } from '../host/host-kernel.ts';
import { maxPool } from '../host/max-pool.ts';
import { maxPoolGrad } from '../host/max-pool-grad.ts';
import type { Kernel } from '../kernel.ts';
import type { CpuBackend } from './cpu-backend.ts';
import { tensorScatterUpdate } from './tensor-scatter-update.ts';

const cpuMemory: HostMemory = {
  allocate: (backend, shape) => {
    const size = shape.reduce((product, n) => product * n, 1);
    return (backend as unknown as CpuBackend).makeTensorInfo([...shape], 'float32', new Float32Array(size));
  },
  view: (backend, tensor) => (backend as unknown as CpuBackend).data.get(tensor.dataId).values,
};

/**
 * Kernels for the plain JavaScript engine, which is the reference for the others. Only those where the composed form is
 * less exact or the engine's own kernel is wrong.
 */
export const cpuKernels: readonly Kernel[] = [
  hostKernelOn(cpuMemory, gelu),
  hostKernelOn(cpuMemory, geluGrad),
  // The engine's own kernel ignores NaN.
  hostKernelOn(cpuMemory, maxPool, ({ x }) => x.dtype === 'float32'),
  hostKernelOn(cpuMemory, maxPoolGrad),
  tensorScatterUpdate,
];
