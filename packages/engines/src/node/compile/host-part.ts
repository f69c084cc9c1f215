import type { HostComputation } from '@ltml/tensor/engine';
import type { OwnBinding } from '../native/own-binding.ts';
import type { NativeBinding, TensorMetadata } from './native-backend.ts';

/**
 * Lets the host compute tensors from others, in the middle of a step.
 *
 * With LTML's addon, the host works in TensorFlow's own memory: values that it overwrites and returns are not copied.
 *
 * @param inputs float32; they are gone afterwards
 * @param shapes of the results
 * @returns the numbers of the results
 */
export function hostPart(
  binding: NativeBinding & Partial<OwnBinding>,
  inputs: readonly TensorMetadata[],
  shapes: readonly (readonly number[])[],
  compute: HostComputation,
): number[] {
  const { takeTensor, lendMemory, returnMemory } = binding;
  const upload = (values: Float32Array, k: number): number => binding.createTensor(shapes[k], binding.TF_FLOAT, values);
  if (!takeTensor || !lendMemory || !returnMemory) {
    const values = inputs.map(({ id }) => binding.tensorDataSync(id) as Float32Array);
    for (const { id } of inputs) binding.deleteTensor(id);
    return compute(values).map(upload);
  }
  const own = inputs.map(({ id }) => takeTensor(id, true));
  const lent: readonly Float32Array[] = own.map((id) => new Float32Array(lendMemory(id)));
  const buffers = new Set<ArrayBufferLike>(lent.map(({ buffer }) => buffer));
  // Results that are an input, overwritten: each stands for one result.
  const inPlace = new Map(lent.map((values, i) => [values, i]));
  const left = new Set(own);
  try {
    return compute(lent).map((values, k) => {
      const i = inPlace.get(values);
      if (i === undefined || String(inputs[i].shape) !== String(shapes[k])) {
        return upload(buffers.has(values.buffer) ? values.slice() : values, k);
      }
      inPlace.delete(values);
      left.delete(own[i]);
      return own[i];
    });
  } finally {
    for (const { buffer } of lent) returnMemory(buffer as ArrayBuffer);
    for (const id of left) binding.deleteTensor(id);
  }
}
