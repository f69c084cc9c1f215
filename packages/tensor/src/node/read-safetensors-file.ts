import type { HostTensor } from '../safetensors.ts';
import { SafetensorsFile } from './safetensors-file.ts';

/**
 * All tensors of a safetensors file, in the order of the data, and its metadata.
 *
 * @throws DataError, see `SafetensorsFile`
 */
export async function readSafetensorsFile(path: string): Promise<{
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}> {
  const file = await SafetensorsFile.open(path);
  try {
    const tensors = new Map<string, HostTensor>();
    for (const name of file.names) tensors.set(name, await file.read(name));
    return { tensors, metadata: file.metadata };
  } finally {
    await file.close();
  }
}
