import type { HostTensor } from '@ltml/tensor';
import { fromInt8 } from './int8.ts';
import type { StoredWeights } from './model-description.ts';

/** Converts the tensors of a bundle to float32. */
export function readTensors(
  tensors: ReadonlyMap<string, HostTensor>,
  { storage }: Pick<StoredWeights, 'storage'>,
): ReadonlyMap<string, HostTensor> {
  // float16 was already converted by the reader.
  return storage === 'int8' ? fromInt8(tensors) : tensors;
}
