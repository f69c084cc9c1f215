import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import * as z from 'zod';
import type { ShardedFeatures } from './shards.ts';
import { featureStorages } from './storage.ts';
import type { StorageError } from './storage-error.ts';

/** Content of a store's `index.json`. It is written last: if it exists, the store is complete. */
export interface FeatureIndex extends ShardedFeatures {
  /** Everything that the features depend on. */
  readonly of: Readonly<Record<string, unknown>>;
  /** Hash of `of`. */
  readonly hash: string;
  /** Error of the number format, measured on all features. */
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

/** The text of `index.json`. */
export function indexText({ of, hash, images, views, shape, storage, rowsPerShard, error }: FeatureIndex): string {
  const index = { format: 'ltml-features', version: 1, of, hash, images, views, shape, storage, rowsPerShard, error };
  return `${JSON.stringify(index, null, 2)}\n`;
}

/**
 * Reads the index of a folder; undefined if it has no complete store. @throws DataError if `index.json` is not the
 * index of a store
 */
export async function readIndex(folder: string): Promise<FeatureIndex | undefined> {
  const path = join(folder, 'index.json');
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const received = cause instanceof z.ZodError ? z.prettifyError(cause) : (cause as Error).message;
    const hint = 'Encode again: intact files are kept.';
    throw new DataError({
      where: 'openFeatures',
      argument: path,
      expected: 'the index of stored features',
      received,
      hint,
      cause,
    });
  }
}
