import type * as tf from '@tensorflow/tfjs-core';

/** What our kernels use of the WASM engine: its tensors are stretches of one heap that typed arrays can look into. */
export interface WasmBackend {
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
  /** A view. It is lost when the heap grows, so take it after every output is made. */
  typedArrayFromHeap(tensor: tf.TensorInfo): Float32Array;
  incRef(dataId: tf.DataId): void;
}
