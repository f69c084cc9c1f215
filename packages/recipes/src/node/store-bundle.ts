import * as tf from '@tensorflow/tfjs-core';
import type { ModelDescription, Storage, StorageCost } from '../model/model-description.ts';
import { type Model, openModel } from '../model/open-model.ts';
import { scoreGroups } from '../score-groups.ts';
import { UsageError } from '../usage-error.ts';
import { evaluate } from './evaluate.ts';
import { loadModel } from './load-model.ts';
import { type LoadModelOptions, readAnyBundle } from './read-bundle.ts';
import { sampleImages } from './sample-images.ts';
import { splitImages } from './split-images.ts';
import { writeBundle, writeDescription } from './write-model.ts';

/** Options of {@link storeBundle}. */
export interface StoreBundleOptions extends LoadModelOptions {
  /** Number format of the weights. */
  readonly storage: Storage;
  /** Licence of the weights, an SPDX expression; default: the licence of the source. */
  readonly licence?: string;
  /** Called with the fraction of validation images scored. */
  readonly onProgress?: (done: number) => void;
}

const sampleCount = 32;

/**
 * Writes the model of a run as a bundle, if wanted with fewer bits per weight. `model.json` of the bundle says how much
 * this changes the scores of 32 sample images (`weights.difference`), and, if the run's data set is available, the mAP
 * on its validation images (`weights.cost`).
 *
 * @param source folder of a run, or folder or URL of a bundle
 * @param folder of the new bundle
 * @returns the description of the bundle
 * @throws UsageError if there is no model, or the run has not finished
 */
export async function storeBundle(
  source: string,
  folder: string,
  { storage, licence, onProgress = () => {}, ...options }: StoreBundleOptions,
): Promise<ModelDescription> {
  const { description: given, contents } = await readAnyBundle(source, options);
  if (!given.weights) throw new UsageError(`${source}: the run has not finished`);
  const description = { ...given, licence: licence ?? given.licence };
  const model = await openModel(description, contents);
  try {
    const { kind, step } = given.weights;
    const written = await writeBundle(folder, description, contents, { kind, step, storage });
    const stored = await loadModel(folder);
    try {
      const difference = await scoreDifference(model, stored);
      const cost = storage === 'float32' ? null : await costOf(model, stored, onProgress);
      const measured = { ...description, weights: { ...written, difference, cost } };
      await writeDescription(folder, measured);
      return measured;
    } finally {
      stored.dispose();
    }
  } finally {
    model.dispose();
  }
}

/**
 * Measures mAP before and after storing. Null if the run's validation images are not available, which is common for a
 * bundle.
 */
async function costOf(model: Model, stored: Model, onProgress: (done: number) => void): Promise<StorageCost | null> {
  const { data, recipe, groups } = model;
  const images = await splitImages(data, recipe.seed, 'validation').catch(() => null);
  if (!images || images.images.length === 0) return null;
  const mAP = async (by: Model, from: number): Promise<number | null> => {
    const scores = await evaluate(by, { images, onProgress: (done) => onProgress(from + done / 2) });
    return scoreGroups(scores, groups).total;
  };
  const [float32, fewer] = [await mAP(model, 0), await mAP(stored, 0.5)];
  // mAP is undefined without positives.
  if (float32 === null || fewer === null) return null;
  return { images: images.images.length, mAP: { float32, stored: fewer } };
}

/** The largest difference between two models' scores of the same images. */
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
