import { open } from 'node:fs/promises';
import { SafetensorsFile } from '@ltml/tensor/node';
import { refusePickle } from '../weights/source.ts';

/**
 * Opens a file of weights, of which tensors are then read one by one. The caller closes it.
 *
 * @throws DataError on a truncated or hostile file, and on a pickle (.pt, .pth, .bin), with the command that converts it
 */
export async function openWeights(path: string): Promise<SafetensorsFile> {
  const start = new Uint8Array(8);
  const file = await open(path, 'r');
  try {
    await file.read(start, 0, 8, 0);
  } finally {
    await file.close();
  }
  refusePickle('openWeights', start, path);
  return SafetensorsFile.open(path);
}

/**
 * Opens a file of weights for as long as `use` runs.
 *
 * ```ts
 * const backbone = await withWeights('model.safetensors', (file) => loadResNet(file));
 * ```
 */
export async function withWeights<Result>(
  path: string,
  use: (file: SafetensorsFile) => Result | Promise<Result>,
): Promise<Result> {
  const file = await openWeights(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}
