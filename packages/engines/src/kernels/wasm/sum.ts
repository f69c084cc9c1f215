import type * as tf from '@tensorflow/tfjs-core';
import { hostKernelOn } from '../host/host-kernel.ts';
import * as host from '../host/sum.ts';
import type { Kernel } from '../kernel.ts';
import { blockRows, columns } from './columns.ts';
import { type WasmBackend, wasmMemory } from './memory.ts';
import { withScratch } from './scratch.ts';

interface Attributes {
  readonly axis: number | number[] | null;
  readonly keepDims?: boolean;
}

/**
 * Sums over the first axes, and sums of empty tensors. The engine's own kernel transposes first, and leaves sums of
 * empty tensors uninitialised.
 */
export const sum: Kernel = {
  name: 'Sum',
  create: (original) => {
    const onHost = hostKernelOn(
      wasmMemory,
      host.sum,
      ({ x }, { axis }) =>
        x.dtype === 'float32' && (x.shape.includes(0) || host.leadingAxes(axis, x.shape) !== undefined),
    ).create(original);
    return (call) => {
      const backend = call.backend as WasmBackend;
      const x = call.inputs.x as tf.TensorInfo;
      const attributes = call.attrs as unknown as Attributes;
      const summed = x.dtype === 'float32' ? host.leadingAxes(attributes.axis, x.shape) : undefined;
      const functions = columns.on(backend);
      const C = x.shape.slice(summed).reduce((size, n) => size * n, 1);
      if (!functions || summed === undefined || C % 4 !== 0 || x.shape.includes(0)) return onHost(call);
      const rows = x.shape.slice(0, summed).reduce((size, n) => size * n, 1);
      const [shape] = host.sum.outputShapes({ x }, attributes);
      const y = backend.makeOutput(shape, 'float32');
      withScratch(backend, 2 * C, (at) => {
        functions.sums(backend.getMemoryOffset(x.dataId), rows, C, blockRows(C), at);
        const sums = backend.typedArrayFromHeap(y);
        sums.set(new Float64Array(sums.buffer, at, C));
      });
      return y;
    };
  },
};
