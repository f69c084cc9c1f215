import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import type { WasmBackend } from './memory.ts';

// Replaced because the engine's own kernels copy all of x out of the heap for each part.

export const slice: Kernel = {
  name: 'Slice',
  create: (original) => (call) => {
    const x = call.inputs.x as tf.TensorInfo;
    if (!hasWords(x)) return original!(call);
    const { begin, size } = call.attrs as { begin: number | number[]; size: number | number[] };
    // Only the shape of x is used.
    const [from, sizes] = tf.slice_util.parseSliceParams(x as tf.Tensor, begin, size);
    tf.slice_util.assertParamsValid(x as tf.Tensor, from, sizes);
    return cutOut(call.backend as WasmBackend, x, from, sizes);
  },
};

export const split: Kernel = {
  name: 'SplitV',
  create: (original) => (call) => {
    const x = call.inputs.x as tf.TensorInfo;
    if (!hasWords(x)) return original!(call);
    const { numOrSizeSplits, axis } = call.attrs as { numOrSizeSplits: number | number[]; axis: number };
    const [along] = tf.util.parseAxisParam(axis, x.shape);
    let start = 0;
    return tf.backend_util.prepareSplitSize(x as tf.Tensor, numOrSizeSplits, along).map((length) => {
      const begin = x.shape.map((_, at) => (at === along ? start : 0));
      const size = x.shape.map((whole, at) => (at === along ? length : whole));
      start += length;
      return cutOut(call.backend as WasmBackend, x, begin, size);
    });
  },
};

/** Whether entries have four bytes. */
function hasWords({ dtype }: tf.TensorInfo): boolean {
  return dtype === 'float32' || dtype === 'int32';
}

/** Shorter runs are copied word by word, since a call of `copyWithin` takes as long. */
const shortRun = 16;

function cutOut(
  backend: WasmBackend,
  x: tf.TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): tf.TensorInfo {
  const result = backend.makeOutput(size, x.dtype);
  if (size.includes(0)) return result;
  // From the axis `inner` on, words are adjacent: all axes after it are taken whole.
  let inner = Math.max(size.length - 1, 0);
  while (inner > 0 && size[inner] === x.shape[inner]) inner--;
  const strides = [...tf.util.computeStrides([...x.shape]), 1];
  const run = size.slice(inner).reduce((product, n) => product * n, 1);
  const words = new Int32Array(backend.typedArrayFromHeap(result).buffer);
  let to = backend.getMemoryOffset(result.dataId) / 4;
  const first = backend.getMemoryOffset(x.dataId) / 4;
  const copy = (axis: number, from: number): void => {
    const start = size.length === 0 ? from : from + begin[axis] * strides[axis];
    if (axis < inner) {
      for (let i = 0; i < size[axis]; i++) copy(axis + 1, start + i * strides[axis]);
    } else {
      if (run < shortRun) for (let i = 0; i < run; i++) words[to + i] = words[start + i];
      else words.copyWithin(to, start, start + run);
      to += run;
    }
  };
  copy(0, first);
  return result;
}
