import * as tf from '@tensorflow/tfjs-core';
import type { ModelDescription, Storage } from '../model/model-description.ts';
import { type Model, openModel } from '../model/open-model.ts';
import { UsageError } from '../usage-error.ts';
import { loadModel } from './load-model.ts';
import { type LoadModelOptions, readAnyBundle } from './read-bundle.ts';
import { sampleImages } from './sample-images.ts';
import { writeBundle, writeDescription } from './write-model.ts';

export interface StoreBundleOptions extends LoadModelOptions {
  readonly storage: Storage;
  /** Of the weights, an SPDX expression; left out, what the bundle says already. */
  readonly licence?: string;
}

const sampleCount = 32;

/**
 * Writes what a run learned as a bundle of its own, its numbers stored in fewer bits if asked for. How far that moves the
 * scores of 32 sample images is written into `model.json`, as `weights.difference`.
 *
 * @param source a run's folder, a bundle's folder or its URL
 * @param folder of the new bundle
 * @returns its description
 */
export async function storeBundle(
  source: string,
  folder: string,
  { storage, licence, ...options }: StoreBundleOptions,
): Promise<ModelDescription> {
  const { description: given, contents } = await readAnyBundle(source, options);
  if (!given.weights) throw new UsageError(`${source}: the run has not finished`);
  const description = { ...given, licence: licence ?? given.licence };
  const model = await openModel(description, contents);
  try {
    const { kind, step } = given.weights;
    const written = await writeBundle(folder, description, contents, { kind, step, storage });
    const stored = await loadModel(folder);
    const difference = await scoreDifference(model, stored).finally(() => stored.dispose());
    const measured = { ...description, weights: { ...written, difference } };
    await writeDescription(folder, measured);
    return measured;
  } finally {
    model.dispose();
  }
}

/** The largest difference of two models' scores of the same images. */
async function scoreDifference(a: Model, b: Model): Promise<number> {
  const images = await sampleImages(a, sampleCount);
  const distance = tf.tidy(() => {
    const [ofA, ofB] = [a, b].map(({ learner, encode, statistics: { mean, std } }) => {
      const normalized = tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...std]));
      return learner.predict(encode(normalized));
    });
    return tf.max(tf.abs(tf.sub(ofA, ofB)));
  });
  try {
    return (await distance.data())[0];
  } finally {
    tf.dispose([images, distance]);
  }
}
