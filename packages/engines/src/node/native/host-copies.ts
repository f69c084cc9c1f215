import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { NativeBackend } from '../compile/native-backend.ts';

/** 64 MB; less is not worth the pause of a collection, some 50 ms. */
const worthwhile = 64e6;

/**
 * Frees the host's copies of weights once TensorFlow has its own: what is uploaded is garbage then, but JavaScript's collector
 * does not come by itself while TensorFlow computes, so that large weights would be held twice.
 */
export function freeHostCopies(backend: NativeBackend): void {
  const { getInputTensorIds } = backend;
  collector ??= findCollector();
  const collect = collector;
  let uploaded = 0;
  let enough = worthwhile;
  backend.getInputTensorIds = (tensors) => {
    for (const { dataId } of tensors) {
      // Without a data id: a 64-bit argument of an op.
      if (dataId) uploaded += backend.tensorMap.get(dataId).values?.byteLength ?? 0;
    }
    const ids = getInputTensorIds.call(backend, tensors);
    if (uploaded >= enough) {
      // What is used once, as batches are, is mostly gone already: then it is tried less and less.
      enough = collect() < uploaded / 2 ? 2 * enough : worthwhile;
      uploaded = 0;
    }
    return ids;
  };
}

/** V8 gives it once a process. */
let collector: (() => number) | undefined;

/** V8's collector, which Node hides. It returns how many bytes of arrays went. */
function findCollector(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;
  setFlagsFromString('--no-expose-gc');
  return () => {
    const before = process.memoryUsage().arrayBuffers;
    collect();
    // Arrays go in the background; a small collection waits until they are gone.
    collect({ type: 'minor' });
    return before - process.memoryUsage().arrayBuffers;
  };
}
