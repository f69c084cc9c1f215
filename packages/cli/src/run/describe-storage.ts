import type { StorageError } from '@ltml/train/node';

/** How features are stored, and the error of that, e.g. `int8, largest error 0.0041, relative error 0.31 %`. */
export function describeStorage(storage: string, { largest, relative }: StorageError): string {
  if (storage === 'f32') return 'f32, exact';
  return `${storage}, largest error ${largest.toPrecision(2)}, relative error ${(100 * relative).toPrecision(2)} %`;
}
