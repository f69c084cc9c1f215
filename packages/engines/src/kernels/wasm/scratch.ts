import type * as tf from '@tensorflow/tfjs-core';
import type { WasmBackend } from './memory.ts';

/**
 * Calls a function with temporary memory in the engine's heap: `floats` 32-bit zeros. @param use gets its position in
 * bytes
 */
export function withScratch<T>(backend: WasmBackend, floats: number, use: (place: number) => T): T {
  const { dataId }: tf.TensorInfo = backend.makeOutput([floats], 'float32');
  try {
    backend.typedArrayFromHeap({ dataId, shape: [floats], dtype: 'float32' }).fill(0);
    return use(backend.getMemoryOffset(dataId));
  } finally {
    backend.disposeData(dataId);
  }
}
