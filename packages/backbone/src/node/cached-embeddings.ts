import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportState, type HostTensor, readSafetensors } from '@ltml/tensor';
import { cacheFolder, writeSafetensorsFile } from '@ltml/tensor/node';
import { type EmbedClassesOptions, embedClasses, tokenizePrompts } from '../text/class-embeddings.ts';

/** Options of {@link embedClassesCached}. */
export interface CachedEmbedClassesOptions extends EmbedClassesOptions {
  /** The folder for the embeddings; default `text-embeddings` in the cache folder of `@ltml/tensor`. */
  readonly folder?: string;
}

/**
 * Like `embedClasses`, with a cache: the second time the embeddings are read from a file.
 *
 * The name of the file is a hash of everything that they depend on: the prompts' tokens, the options, and all numbers
 * of the tower. If the file cannot be read, they are computed again.
 *
 * @returns [C, D] in host memory
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
  // Heads and the kind of GELU do not show in the shapes.
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
