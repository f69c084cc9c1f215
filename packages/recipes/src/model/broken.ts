import { DataError } from '@ltml/tensor';

/** The error for a model file that is damaged. */
export function broken(path: string, expected: string, received: string): DataError {
  return new DataError({ where: 'loadModel', argument: path, expected, received });
}
