import type * as tf from '@tensorflow/tfjs-core';
import type { HostMemory } from '../host/host-kernel.ts';

/**
 * The parts of the WASM engine that these kernels use. Its tensors are ranges of one heap, which typed arrays can view.
 */
export interface WasmBackend {
  readonly wasm: {
    readonly wasmMemory?: WebAssembly.Memory;
    readonly asm?: { readonly memory?: WebAssembly.Memory };
    readonly tfjs: {
      registerTensor(id: number, size: number, memoryOffset: number): void;
      /** Forgets data that the engine derived from the tensor; the tensor's memory stays. */
      disposeData(id: number): void;
    };
  };
  readonly dataIdMap: {
    get(dataId: tf.TensorInfo['dataId']): { readonly id: number; readonly memoryOffset: number };
  };
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** Values of a tensor, without copying. The view becomes invalid when the heap grows. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  /** Position of a tensor in the heap, in bytes. */
  getMemoryOffset(dataId: tf.TensorInfo['dataId']): number;
  incRef(dataId: tf.TensorInfo['dataId']): void;
  disposeData(dataId: tf.TensorInfo['dataId']): boolean;
  /** Number of tensors that share the memory. */
  refCount(dataId: tf.TensorInfo['dataId']): number;
}

export const wasmMemory: HostMemory = {
  allocate: (backend, shape) => (backend as unknown as WasmBackend).makeOutput(shape, 'float32'),
  view: (backend, tensor) => (backend as unknown as WasmBackend).typedArrayFromHeap(tensor),
};
