import type { InputSource, LabelledInputs } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type { Encoder, EncodingName } from '@ltml/tensor/contract';
import { type ComputedViews, computeViews, inputsOfViews } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { encodeAs } from '../model/encoding-of.ts';
import { EntryError } from '../usage-error.ts';
import type { FeatureStore } from './feature-store.ts';
import type { StoredInputs } from './stored-inputs.ts';

/** A data set whose features are on disk, or computed once, after everything else is checked. */
export interface KeptFeatures {
  readonly dataset: LabelledInputs;
  /** Of memory, all views together. */
  readonly bytes: number;
  /** @param signal ends the work between two batches, with its reason as the error */
  fill(onProgress: (done: number) => void, signal?: AbortSignal): Promise<void>;
}

export interface KeptFeaturesOptions {
  readonly encoder: Encoder;
  /** Those that the method can work on. */
  readonly encodings: readonly EncodingName[];
  /** Augmented views of each image besides the plain one. */
  readonly views: number;
  /** Those that are on disk. */
  readonly stored?: StoredInputs | undefined;
  /** Where runs of this process share features, and all that they depend on. */
  readonly shared?: { readonly store: FeatureStore; readonly key: string } | undefined;
}

/** Features of a data set of pictures, not computed yet; their shape is, by one picture of zeros. */
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

/** The same augmented views for every seed: they belong to the features, which runs share, and a run draws among them. */
export const viewSeed = 0;
export const viewStreams: RandomStreams = new RandomStreams(viewSeed);

const gigabyte = 1e9;

/**
 * @param limit in GB; null: 8 GB, or half of the machine's where that is less
 * @param machine bytes of memory that the machine has
 * @throws UsageError if features take more memory than they may, with what to set
 */
export function checkMemory(bytes: number, limit: number | null, machine: number): void {
  const allowed = limit ?? Math.min(8, machine / 2 / gigabyte);
  if (bytes <= allowed * gigabyte) return;
  throw new EntryError(
    `the features would take ${(bytes / gigabyte).toFixed(1)} GB of memory, and ${allowed.toFixed(1)} are ` +
      'allowed. Write them to disk once with `ltml encode`, set views: 0 for one view of each image, or raise memory (GB)',
    'features',
  );
}
