import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import * as z from 'zod';
import type { ShardedFeatures } from './shards.ts';
import { featureStorages } from './storage.ts';
import type { StorageError } from './storage-error.ts';

/** What `index.json` says of a store; it is written last, so that its presence means complete. */
export interface FeatureIndex extends ShardedFeatures {
  /** All that the features depend on. */
  readonly of: Readonly<Record<string, unknown>>;
  /** Of `of`. */
  readonly hash: string;
  /** What it costs to store the features as they are, measured on all of them. */
  readonly error: StorageError;
}

const count = z.int().nonnegative();

const schema: z.ZodType<FeatureIndex> = z.object({
  format: z.literal('ltml-features'),
  version: z.literal(1),
  of: z.record(z.string(), z.unknown()),
  hash: z.string(),
  images: count,
  views: count,
  shape: z.array(count),
  storage: z.enum(featureStorages),
  rowsPerShard: z.int().positive(),
  error: z.object({ largest: z.number(), relative: z.number() }),
});

export function indexText({ of, hash, images, views, shape, storage, rowsPerShard, error }: FeatureIndex): string {
  const index = { format: 'ltml-features', version: 1, of, hash, images, views, shape, storage, rowsPerShard, error };
  return `${JSON.stringify(index, null, 2)}\n`;
}

/** Nothing if there is no complete store in the folder. @throws DataError that names a file that is none of ours */
export async function readIndex(folder: string): Promise<FeatureIndex | undefined> {
  const path = join(folder, 'index.json');
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const received = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    const hint = 'Encode again: what is intact is kept.';
    throw new DataError({
      where: 'openFeatures',
      argument: path,
      expected: 'the index of features',
      received,
      hint,
      cause,
    });
  }
}
