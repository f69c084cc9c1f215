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

/** Images that are encoded with the same pipeline. */
export interface ImagesToEncode {
  /** What they are for, e.g. `training`. */
  readonly name: string;
  readonly images: Pictures;
  readonly pipeline: Pipeline;
  /** The images after the pipeline. */
  readonly inputs: InputSource;
  /** Number of augmented views, besides the plain one. */
  readonly views: number;
}

/** What {@link Encoding.plan} needs. */
export interface EncodingRequest {
  readonly parts: readonly ImagesToEncode[];
  /** Encoder entry of the recipe. */
  readonly config: EncoderConfig;
  /** The encoder, in evaluation mode. */
  readonly network: Encoder;
  /** Wanted encodings; the first that the encoder has is stored. */
  readonly encodings: readonly EncodingName[];
  readonly storage: FeatureStorage;
  /** Folder that holds features of many encoders and data sets. */
  readonly dir: string;
}

/** Features that are planned to be written. */
export interface PlannedFeatures {
  /** What the images are for, e.g. `training`. */
  readonly name: string;
  /** Number of images. */
  readonly images: number;
  /** Number of augmented views, besides the plain one. */
  readonly views: number;
  readonly encoding: EncodingName;
  /** Shape of the features of one image. */
  readonly shape: readonly number[];
  /** Folder of these features. */
  readonly folder: string;
  /** Size on disk when all is written. */
  readonly bytes: number;
  /** Fraction that is on disk already, in [0, 1]. */
  readonly present: number;
}

/** Features that are written, with the error of the storage format. */
export interface WrittenFeatures extends PlannedFeatures {
  /** Error of the number format, measured on all features. */
  readonly error: StorageError;
}

/** Options of `Encoding.write`. */
export interface WriteEncodingOptions {
  /** Called with the number of images done and in total: each view counts, over all parts. */
  readonly onProgress?: (done: number, all: number) => void;
  /** Called for damaged files, which are computed again. */
  readonly onWarning?: (message: string) => void;
  /** Stops between two batches; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Stores features of images on disk. The amount of work is known before it begins. */
export class Encoding {
  readonly planned: readonly PlannedFeatures[];
  /** Free space on the disk, in bytes. */
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

  /** Plans the features. @throws EntryError if the encoder has none of the wanted encodings */
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

  /** Bytes that are not written yet. */
  get bytes(): number {
    return this.planned.reduce((sum, { bytes, present }) => sum + (1 - present) * bytes, 0);
  }

  /** Images that are not encoded yet; each view counts. */
  get images(): number {
    return this.planned.reduce((sum, { images, views, present }) => sum + (1 - present) * images * (views + 1), 0);
  }

  /** Measures the seconds per image, including reading: the second of two batches. */
  async secondsPerImage(): Promise<number> {
    const at = this.planned.findIndex(({ present }) => present < 1);
    if (at < 0) return 0;
    const { inputs } = this.#request.parts[at];
    const count = Math.min(batchSize, inputs.length);
    let seconds = 0;
    // The first batch also waits for threads and the engine to start.
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

  /**
   * Writes the features and continues work of an earlier process. Existing files are checked; damaged ones are computed
   * again.
   */
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

/** The batch size of `cacheFeatures`, so that features are the same to the last bit. */
const batchSize = 64;

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.safetensors'));
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Free space on the disk of a folder, which need not exist yet, in bytes. */
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
