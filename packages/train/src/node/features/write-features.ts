import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputSource } from '@ltml/data';
import { checkChoice, checkCount, checkOptionNames, type RandomStreams } from '@ltml/tensor';
import { writeFileAtomically } from '@ltml/tensor/node';
import * as tf from '@tensorflow/tfjs-core';
import { checkEncoded } from '../../check-encoded.ts';
import { encodeView } from '../../encode-view.ts';
import { configHash } from '../config-hash.ts';
import { RunLock } from '../run-lock.ts';
import { type FeatureIndex, indexText, readIndex } from './feature-index.ts';
import { checkShard, type ShardParts, writeShard } from './shard-file.ts';
import { rowsPerShard, type Shard, type ShardedFeatures, shardsOf, sizeOf } from './shards.ts';
import { type FeatureStorage, featureStorages } from './storage.ts';
import { type ErrorSums, storageError } from './storage-error.ts';

/** Options of {@link writeFeatures}. */
export interface WriteFeaturesOptions {
  /**
   * Everything that the features depend on, as plain JSON: encoder, weights, pipeline, images. A store with other
   * values is not continued but written again.
   */
  readonly of: Readonly<Record<string, unknown>>;
  /**
   * Number of augmented views of each image besides the plain one; default 0. Views that are already stored are kept.
   */
  readonly views?: number;
  /** Random streams for the augmented views; needed if there are any. */
  readonly random?: RandomStreams;
  /** Number format; default `f32`. */
  readonly storage?: FeatureStorage;
  /** Images per batch; default 64. */
  readonly batchSize?: number;
  /** Approximate size of the features in a file as float32, in bytes; default 64 MiB. */
  readonly shardBytes?: number;
  /** Called with the number of images done and in total; each view counts. */
  readonly onProgress?: (done: number, all: number) => void;
  /** Called for damaged files, which are computed again; default `console.warn`. */
  readonly onWarning?: (message: string) => void;
  /** Stops between two batches; its reason is thrown. Finished files are kept. */
  readonly signal?: AbortSignal;
}

const optionNames = [
  ...['of', 'views', 'random', 'storage', 'batchSize', 'shardBytes'],
  ...['onProgress', 'onWarning', 'signal'],
];

/**
 * Encodes images once with a frozen encoder and stores the features in a folder of safetensors files. `openFeatures`
 * reads single images from it. The features are those of `cacheFeatures`.
 *
 * Each file is written all or nothing. If the process is killed, the next call keeps the existing files and gives the
 * same bytes as an uninterrupted one. Damaged files are computed again. Only one process at a time may write.
 *
 * Memory: about five times a file of features, which is 64 MiB, or a batch if that is larger.
 *
 * @param encode maps inputs [B, …] to features [B, …]; the encoder should be in evaluation mode
 * @throws OptionError as `cacheFeatures` does
 * @throws DataError if another process is writing, or for features that the number format can't store
 */
export async function writeFeatures(
  folder: string,
  encode: (inputs: tf.Tensor) => tf.Tensor,
  inputs: InputSource,
  options: WriteFeaturesOptions,
): Promise<FeatureIndex> {
  checkOptionNames('writeFeatures', options, optionNames);
  const { of, random, storage = 'f32', batchSize = 64, shardBytes = 2 ** 26, onWarning = console.warn } = options;
  checkEncoded('writeFeatures', inputs, { views: options.views ?? 0, random, batchSize });
  checkChoice('writeFeatures', 'options.storage', storage, featureStorages);
  checkCount('writeFeatures', 'options.shardBytes', shardBytes);
  const hash = configHash(of);
  await mkdir(folder, { recursive: true });
  const lock = RunLock.take(folder, 'writeFeatures');
  try {
    // A damaged index is written again.
    const before = await readIndex(folder).catch(() => undefined);
    const views = Math.max(options.views ?? 0, before?.hash === hash ? before.views : 0);
    const shape = tf.tidy(() => encode(tf.zeros([1, ...inputs.shape])).shape.slice(1));
    const rows = rowsPerShard(sizeOf(shape), batchSize, shardBytes);
    const plan: ShardedFeatures = { images: inputs.length, views, shape, storage, rowsPerShard: rows };
    const shards = shardsOf(plan);
    await removeOthers(folder, shards);
    const parts = (shard: Shard): ShardParts => ({ folder, shard, shape, storage, hash });
    const errors = new Map<Shard, ErrorSums>();
    const present = new Set(await readdir(folder));
    for (const shard of shards.filter(({ file }) => present.has(file))) {
      options.signal?.throwIfAborted();
      const found = await checkShard(parts(shard));
      if ('reason' in found) onWarning(`${shard.file} is computed again: ${found.reason}`);
      else errors.set(shard, found);
    }
    const missing = shards.filter((shard) => !errors.has(shard));
    await encodeShards(encode, inputs, missing, { ...options, views, shape, batchSize }, async (shard, features) => {
      errors.set(shard, await writeShard(parts(shard), features));
    });
    const error = storageError(shards.map((shard) => errors.get(shard) as ErrorSums));
    const index: FeatureIndex = { ...plan, of, hash, error };
    await writeFileAtomically(join(folder, 'index.json'), [indexText(index)]);
    return index;
  } finally {
    lock.release();
  }
}

/** Deletes unfinished files of a dead process, and files of a store with another layout. */
async function removeOthers(folder: string, shards: readonly Shard[]): Promise<void> {
  const known = new Set(shards.map(({ file }) => file));
  for (const name of await readdir(folder)) {
    const isOther = name.endsWith('.tmp') || (/^view-\d+-\d+\.safetensors$/.test(name) && !known.has(name));
    if (isOther) await rm(join(folder, name), { force: true });
  }
}

interface EncodeShardsOptions extends Omit<WriteFeaturesOptions, 'of' | 'storage'> {
  readonly shape: readonly number[];
  readonly batchSize: number;
}

/** Computes and writes files, one after the other. */
async function encodeShards(
  encode: (inputs: tf.Tensor) => tf.Tensor,
  inputs: InputSource,
  shards: readonly Shard[],
  { shape, views = 0, random, batchSize, signal, onProgress }: EncodeShardsOptions,
  write: (shard: Shard, features: Float32Array) => Promise<void>,
): Promise<void> {
  const size = sizeOf(shape);
  const all = inputs.length * (views + 1);
  let done = all - shards.reduce((sum, { rows }) => sum + rows, 0);
  for (let view = 0; view <= views; view++) {
    const own = shards.filter((shard) => shard.view === view);
    const starts = own.flatMap(({ first, rows }) =>
      Array.from({ length: Math.ceil(rows / batchSize) }, (_, batch) => first + batch * batchSize),
    );
    let [at, features] = [0, new Float32Array(0)];
    for await (const batch of encodeView(encode, inputs, { view, random, batchSize, starts, signal })) {
      const shard = own[at];
      if (batch.start === shard.first) features = new Float32Array(shard.rows * size);
      features.set(batch.features, (batch.start - shard.first) * size);
      done += batch.count;
      onProgress?.(done, all);
      if (batch.start + batch.count < shard.first + shard.rows) continue;
      await write(shard, features);
      at++;
    }
  }
}
