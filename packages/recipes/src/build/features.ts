import type { InputSource, LabelledInputs } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import { type ComputedViews, computeViews, inputsOfViews } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { encodeAs } from '../model/encoding-of.ts';
import { EntryError } from '../usage-error.ts';
import type { FeatureStore } from './feature-store.ts';
import type { StoredInputs } from './stored-inputs.ts';

/** A data set of stored features: read from disk, or computed by {@link KeptFeatures.fill} after all checks. */
export interface KeptFeatures {
  readonly dataset: LabelledInputs;
  /** Memory that all views together take, in bytes. */
  readonly bytes: number;
  /**
   * Computes the features. @param onProgress called with the fraction done @param signal ends the work between two
   * batches; its reason is thrown
   */
  fill(onProgress: (done: number) => void, signal?: AbortSignal): Promise<void>;
}

/** Options of {@link keptFeatures}. */
export interface KeptFeaturesOptions {
  readonly encoder: Encoder;
  /** Encodings that the method can take, the preferred one first. */
  readonly encodings: readonly EncodingName[];
  /** Number of augmented views of each image, besides the plain one. */
  readonly views: number;
  /** Features on disk; undefined: they are computed. */
  readonly stored?: StoredInputs | undefined;
  /** A store that runs of this process share, and the key of these features. */
  readonly shared?: { readonly store: FeatureStore; readonly key: string } | undefined;
}

/** Features of a data set of pictures. They are not computed yet; only their shape is, from one picture of zeros. */
export function keptFeatures(
  pictures: LabelledInputs,
  { encoder, encodings, views, stored, shared }: KeptFeaturesOptions,
): KeptFeatures {
  if (stored) return { dataset: { ...pictures, inputs: stored.inputs }, bytes: 0, async fill() {} };
  const { inputs } = pictures;
  const shape = tf.tidy(() => encodeAs(encoder, encodings, tf.zeros([1, ...inputs.shape])).shape.slice(1));
  let filled: InputSource | undefined;
  return {
    dataset: {
      ...pictures,
      inputs: {
        length: inputs.length,
        shape,
        async read(indices, streams) {
          if (!filled) throw new Error('features were read before they were computed');
          return filled.read(indices, streams);
        },
      },
    },
    bytes: 4 * inputs.length * (views + 1) * shape.reduce((product, size) => product * size, 1),
    async fill(onProgress, signal) {
      const encode = (images: tf.Tensor): tf.Tensor => encodeAs(encoder, encodings, images);
      const options = { views, random: viewStreams, onProgress, ...(signal && { signal }) };
      const compute = (): Promise<ComputedViews> => computeViews(encode, inputs, options);
      filled = shared ? await shared.store.get(shared.key, compute) : inputsOfViews(await compute());
    },
  };
}

/** Seed of the augmented views. All runs use the same: they share the views, and each run samples among them. */
export const viewSeed = 0;
/** Random streams of the augmented views. */
export const viewStreams: RandomStreams = new RandomStreams(viewSeed);

const gigabyte = 1e9;

/**
 * Checks that features fit in memory.
 *
 * @param bytes that the features take
 * @param limit in GB; null: 8 GB, or half of the machine's memory if that is less
 * @param machine memory of the machine, in bytes
 * @throws EntryError if they do not fit; the message says which settings help
 */
export function checkMemory(bytes: number, limit: number | null, machine: number): void {
  const allowed = limit ?? Math.min(8, machine / 2 / gigabyte);
  if (bytes <= allowed * gigabyte) return;
  throw new EntryError(
    `the features would take ${(bytes / gigabyte).toFixed(1)} GB of memory, but only ${allowed.toFixed(1)} are ` +
      'allowed. Write them to disk once with `ltml encode`, set views: 0 for one view of each image, or raise memory (GB)',
    'features',
  );
}
