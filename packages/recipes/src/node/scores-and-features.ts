import type { LabelledInputs } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import { cacheFeatures, evaluate } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageSet } from '../build/image-set.ts';
import type { Model } from '../model/open-model.ts';
import { picturePool } from './picture-pool.ts';
import { picturesOf } from './pictures.ts';

/** What a model makes of images. */
export interface ScoresAndFeatures {
  readonly scores: Scores;
  /** [N, columns] a vector an image. */
  readonly features: Float32Array;
  readonly columns: number;
}

/** Images whose features are in device memory at a time. */
const batchSize = 64;

/**
 * Scores of images, and the features that they come from: those of an encoder that rests, the mean over the places of a
 * map. Of an encoder that was trained with its method the scores stand for its features.
 */
export async function scoresAndFeatures(
  model: Model,
  images: ImageSet,
  onProgress: (done: number) => void,
): Promise<ScoresAndFeatures> {
  const pool = picturePool(images.images.length);
  try {
    return await ofPictures(model, picturesOf(images, model.pipeline, pool), onProgress);
  } finally {
    await pool.close();
  }
}

async function ofPictures(
  { recipe, learner, encode }: Model,
  pictures: LabelledInputs,
  onProgress: (done: number) => void,
): Promise<ScoresAndFeatures> {
  if (!recipe.frozen) {
    const scores = await evaluate(learner, pictures);
    return { scores, features: scores.scores, columns: scores.columns };
  }
  const dataset = await cacheFeatures(encode, pictures, { onProgress });
  const scores = await evaluate(learner, dataset);
  const { inputs } = dataset;
  const columns = inputs.shape.at(-1) as number;
  const features = new Float32Array(inputs.length * columns);
  for (let start = 0; start < inputs.length; start += batchSize) {
    const rows = Array.from({ length: Math.min(batchSize, inputs.length - start) }, (_, i) => start + i);
    const values = await inputs.read(rows);
    const pooled = tf.tidy(() =>
      tf.mean(tf.tensor(values, [rows.length, values.length / rows.length / columns, columns]), 1),
    );
    features.set(await pooled.data<'float32'>(), start * columns);
    pooled.dispose();
  }
  return { scores, features, columns };
}
