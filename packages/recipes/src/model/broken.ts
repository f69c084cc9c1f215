import { DataError } from '@ltml/tensor';

/** A file of a model that is not as it should be. */
export function broken(path: string, expected: string, received: string): DataError {
  return new DataError({ where: 'loadModel', argument: path, expected, received });
}
