import type { HostTensor } from '@ltml/tensor';
import { fromInt8 } from './int8.ts';
import type { StoredWeights } from './model-description.ts';

/** The tensors of a bundle as float32, however they are stored. */
export function readTensors(
  tensors: ReadonlyMap<string, HostTensor>,
  { storage }: Pick<StoredWeights, 'storage'>,
): ReadonlyMap<string, HostTensor> {
  // float16 is widened when it is read.
  return storage === 'int8' ? fromInt8(tensors) : tensors;
}
