import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NativeBackend } from '../compile/native-backend.ts';

/** Bytes uploaded before a garbage collection is worth its pause of about 50 ms: 64 MB. */
const worthwhile = 64e6;

/**
 * Frees the host's copies of weights after they were uploaded to TensorFlow. They are garbage then, but JavaScript does
 * not collect garbage while TensorFlow computes, so large weights would stay in memory twice.
 */
export function freeHostCopies(backend: NativeBackend): void {
  const { getInputTensorIds } = backend;
  collector ??= findCollector();
  const collect = collector;
  let uploaded = 0;
  let enough = worthwhile;
  backend.getInputTensorIds = (tensors) => {
    for (const { dataId } of tensors) {
      // Without a data id, it is a 64-bit argument of an op.
      if (dataId) uploaded += backend.tensorMap.get(dataId).values?.byteLength ?? 0;
    }
    const ids = getInputTensorIds.call(backend, tensors);
    if (uploaded >= enough) {
      // Data used once, such as batches, is mostly freed already. So if little was freed, collect less and less often.
      enough = collect() < uploaded / 2 ? 2 * enough : worthwhile;
      uploaded = 0;
    }
    return ids;
  };
}

/** Found once per process. */
let collector: (() => number) | undefined;

/** V8's garbage collector, which Node hides. The function returns how many bytes of arrays were freed. */
function findCollector(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  return () => {
    const before = process.memoryUsage().arrayBuffers;
    collect();
    // Arrays are freed in the background; a minor collection waits until that is done.
    collect({ type: 'minor' });
    return before - process.memoryUsage().arrayBuffers;
  };
}
