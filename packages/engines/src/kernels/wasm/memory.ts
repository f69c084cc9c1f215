import type * as tf from '@tensorflow/tfjs-core';
import type { HostMemory } from '../host/host-kernel.ts';

/** What our kernels use of the WASM engine: its tensors are stretches of one heap that typed arrays can look into. */
export interface WasmBackend {
  readonly wasm: {
    readonly wasmMemory?: WebAssembly.Memory;
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    readonly tfjs: {
      registerTensor(id: number, size: number, memoryOffset: number): void;
      /** Forgets what the engine made of the tensor; its memory stays. */
      disposeData(id: number): void;
    };
  };
  readonly dataIdMap: {
    get(dataId: tf.TensorInfo['dataId']): { readonly id: number; readonly memoryOffset: number };
  };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** A view, lost when the heap grows. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  /** The place of a tensor in the heap, in bytes. */
  getMemoryOffset(dataId: tf.TensorInfo['dataId']): number;
  incRef(dataId: tf.TensorInfo['dataId']): void;
  disposeData(dataId: tf.TensorInfo['dataId']): boolean;
  /** How many tensors share the memory. */
  refCount(dataId: tf.TensorInfo['dataId']): number;
}

export const wasmMemory: HostMemory = {
  allocate: (backend, shape) => (backend as unknown as WasmBackend).makeOutput(shape, 'float32'),
  view: (backend, tensor) => (backend as unknown as WasmBackend).typedArrayFromHeap(tensor),
};
