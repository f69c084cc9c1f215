import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportState, type HostTensor, readSafetensors } from '@ltml/tensor';
import { cacheFolder, writeSafetensorsFile } from '@ltml/tensor/node';
import { type EmbedClassesOptions, embedClasses, tokenizePrompts } from '../text/class-embeddings.ts';

export interface CachedEmbedClassesOptions extends EmbedClassesOptions {
  /** Where embeddings are kept; default `text-embeddings` in the cache folder of `@ltml/tensor`. */
  readonly folder?: string;
}

/**
 * `embedClasses` that remembers: the second time the embeddings come from a file.
 *
 * The file is named by a hash of all they depend on: the prompts' tokens, the options, and every number of the tower. A
 * file that can't be read is computed anew.
 *
 * @returns [C, D] on the host
 */
export async function embedClassesCached(
  names: readonly string[],
  { folder = join(cacheFolder(), 'text-embeddings'), ...options }: CachedEmbedClassesOptions,
): Promise<HostTensor> {
  const path = join(folder, `${await contentHash(names, options)}.safetensors`);
  const known = await read(path, [names.length, options.tower.featureCount]);
  if (known) return known;
  const embeddings = await embedClasses(names, options);
  await mkdir(folder, { recursive: true });
  await writeSafetensorsFile(path, new Map([['embeddings', embeddings]]));
  return embeddings;
}

async function contentHash(names: readonly string[], options: EmbedClassesOptions): Promise<string> {
  const { templateCount, prompts } = tokenizePrompts(names, options);
  const { tower, normalize = true } = options;
  // Shapes do not tell the heads, nor which GELU there is.
  const { heads, quickGelu } = tower.config;
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ version: 1, normalize, templateCount, shape: prompts.shape, heads, quickGelu }));
  hash.update(bytesOf(prompts.ids));
  for (const [name, { shape, data }] of await exportState(tower)) {
    hash.update(JSON.stringify([name, shape]));
    hash.update(bytesOf(data));
  }
  return hash.digest('hex');
}

async function read(path: string, shape: readonly number[]): Promise<HostTensor | undefined> {
  try {
    const embeddings = readSafetensors(await readFile(path)).tensors.get('embeddings');
    return embeddings?.shape.join() === shape.join() ? embeddings : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(values: HostTensor['data']): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
