import { mkdir, readdir, stat, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { InputSource, Pictures } from '@ltml/data';
import type { Pipeline } from '@ltml/images';
import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import { bytesOfStore, type FeatureStorage, type StorageError, writeFeatures } from '@ltml/train/node';
import * as tf from '@tensorflow/tfjs-core';
import { viewStreams } from '../../build/features.ts';
import { encodeAs, encodingOf } from '../../model/encoding-of.ts';
import type { EncoderConfig } from '../../parts/encoders.ts';
import { type FeatureKey, featureFolder, featureKey, identityOf } from './feature-key.ts';
import { storedIndex } from './find-features.ts';
import { writeImageList } from './image-list.ts';

/** Images that are encoded together. */
export interface ImagesToEncode {
  /** What for. */
  readonly name: string;
  readonly images: Pictures;
  readonly pipeline: Pipeline;
  /** What the pipeline makes of them. */
  readonly inputs: InputSource;
  /** Augmented views besides the plain one. */
  readonly views: number;
}

export interface EncodingRequest {
  readonly parts: readonly ImagesToEncode[];
  /** What a recipe says of the encoder. */
  readonly config: EncoderConfig;
  /** In evaluation mode. */
  readonly network: Encoder;
  /** Of which the first that the encoder has is kept. */
  readonly encodings: readonly EncodingName[];
  readonly storage: FeatureStorage;
  /** A folder of many features. */
  readonly dir: string;
}

/** Features that are about to be written. */
export interface PlannedFeatures {
  readonly name: string;
  readonly images: number;
  readonly views: number;
  readonly encoding: EncodingName;
  /** Of one image. */
  readonly shape: readonly number[];
  readonly folder: string;
  /** On disk, when all is written. */
  readonly bytes: number;
  /** What is on disk already, in [0, 1]. */
  readonly present: number;
}

/** What storing features cost. */
export interface WrittenFeatures extends PlannedFeatures {
  readonly error: StorageError;
}

/** Options of writing the features that were prepared. */
export interface WriteEncodingOptions {
  /** Told of images that are done, in all views, of all parts together. */
  readonly onProgress?: (done: number, all: number) => void;
  readonly onWarning?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/** Writes features of images to disk, once all that it takes is known. */
export class Encoding {
  readonly planned: readonly PlannedFeatures[];
  /** Bytes that are free on the disk. */
  readonly free: number;
  readonly #request: EncodingRequest;
  readonly #keys: readonly FeatureKey[];

  private constructor(
    request: EncodingRequest,
    keys: readonly FeatureKey[],
    planned: readonly PlannedFeatures[],
    free: number,
  ) {
    this.#request = request;
    this.#keys = keys;
    this.planned = planned;
    this.free = free;
  }

  static async plan(request: EncodingRequest): Promise<Encoding> {
    const { parts, config, network, encodings, storage, dir } = request;
    const identity = await identityOf(config, network);
    const keys: FeatureKey[] = [];
    const planned: PlannedFeatures[] = [];
    for (const { name, images, pipeline, inputs, views } of parts) {
      const encoding = encodingOf(network, encodings, inputs.shape);
      const key = await featureKey(identity, { images, pipeline, imageShape: inputs.shape, encoding });
      const shape = tf.tidy(() => encodeAs(network, [encoding], tf.zeros([1, ...inputs.shape])).shape.slice(1));
      const folder = featureFolder(dir, key, storage);
      const bytes = bytesOfStore({ images: images.length, views, shape, storage });
      const isComplete = (await storedIndex(dir, key, storage, views)) !== undefined;
      const present = isComplete ? 1 : Math.min(1, (await bytesIn(folder)) / bytes);
      planned.push({ name, images: images.length, views, encoding, shape, folder, bytes, present });
      keys.push(key);
    }
    return new Encoding(request, keys, planned, await freeBytes(dir));
  }

  /** Bytes that are still to be written. */
  get bytes(): number {
    return this.planned.reduce((sum, { bytes, present }) => sum + (1 - present) * bytes, 0);
  }

  /** Images that are still to be encoded, each in each of its views. */
  get images(): number {
    return this.planned.reduce((sum, { images, views, present }) => sum + (1 - present) * images * (views + 1), 0);
  }

  /** Seconds that an image takes, reading included, by the second of two batches. */
  async secondsPerImage(): Promise<number> {
    const at = this.planned.findIndex(({ present }) => present < 1);
    if (at < 0) return 0;
    const { inputs } = this.#request.parts[at];
    const count = Math.min(batchSize, inputs.length);
    let seconds = 0;
    // The first one also waits for threads and engine to start.
    for (let batch = 0; batch < 2; batch++) {
      const first = Math.min(batch * count, inputs.length - count);
      const start = performance.now();
      const values = await inputs.read(Array.from({ length: count }, (_, i) => first + i));
      const encoded = tf.tidy(() => this.#encode(at)(tf.tensor(values, [count, ...inputs.shape])));
      await encoded.data();
      encoded.dispose();
      seconds = (performance.now() - start) / 1000;
    }
    return seconds / count;
  }

  /** Goes on where an earlier process stopped; what is there is checked, and what is damaged of it computed anew. */
  async write({ onProgress, onWarning, signal }: WriteEncodingOptions = {}): Promise<readonly WrittenFeatures[]> {
    const { parts, storage } = this.#request;
    const counts = this.planned.map(({ images, views }) => images * (views + 1));
    const all = counts.reduce((sum, count) => sum + count, 0);
    const written: WrittenFeatures[] = [];
    let before = 0;
    for (const [at, planned] of this.planned.entries()) {
      const { images, inputs, views } = parts[at];
      await mkdir(planned.folder, { recursive: true });
      await writeImageList(planned.folder, images);
      const { error } = await writeFeatures(planned.folder, this.#encode(at), inputs, {
        of: this.#keys[at],
        views,
        random: viewStreams,
        storage,
        batchSize,
        onProgress: (done) => onProgress?.(before + done, all),
        ...(onWarning && { onWarning }),
        ...(signal && { signal }),
      });
      before += counts[at];
      written.push({ ...planned, error });
    }
    return written;
  }

  #encode(at: number): (images: tf.Tensor) => tf.Tensor {
    const { network } = this.#request;
    const { encoding } = this.planned[at];
    return (images) => encodeAs(network, [encoding], images);
  }
}

/** That of `cacheFeatures`, so that numbers are the same to the last bit. */
const batchSize = 64;

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Of the disk that a folder is on, or will be. */
async function freeBytes(dir: string): Promise<number> {
  for (let at = resolve(dir); ; at = dirname(at)) {
    try {
      const { bavail, bsize } = await statfs(at);
      return bavail * bsize;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || at === dirname(at)) throw error;
    }
  }
}
