import type { StorageError } from '@ltml/train/node';

/** How features are stored and what that costs, e.g. `int8, off by 0.0041 at most and 0.31 % on the whole`. */
export function describeStorage(storage: string, { largest, relative }: StorageError): string {
  if (storage === 'f32') return 'f32, exact';
  return `${storage}, off by ${largest.toPrecision(2)} at most and ${(100 * relative).toPrecision(2)} % on the whole`;
}
