import { denseLabels, type LabelledInputs } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import { evaluate, predictScores, type Scorer } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import type { ImageSet } from '../build/image-set.ts';
import type { Model } from '../model/open-model.ts';
import { type ModelInputsOptions, withModelInputs } from './features/model-inputs.ts';

/** Scores and features of images. */
export interface ScoresAndFeatures {
  readonly scores: Scores;
  /** [N, columns] one vector per image */
  readonly features: Float32Array;
  /** Width of a feature vector. */
  readonly columns: number;
}

/** Images per batch. */
const batchSize = 64;

/**
 * Computes scores of images, and a feature vector of each. With a frozen encoder these are the learner's inputs (a
 * feature map is averaged over its places). With a trained encoder these are its features of the whole image.
 */
export async function scoresAndFeatures(
  model: Model,
  images: ImageSet,
  options: ModelInputsOptions = {},
): Promise<ScoresAndFeatures> {
  return withModelInputs(model, images, options, (dataset) => ofInputs(model, dataset));
}

async function ofInputs(model: Model, dataset: LabelledInputs): Promise<ScoresAndFeatures> {
  const { recipe, learner } = model;
  if (!recipe.frozen) return ofTrainedEncoder(model, dataset);
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

/** Gets scores and features in one matrix, so that each image is read once. */
async function ofTrainedEncoder({ learner, encoder }: Model, pictures: LabelledInputs): Promise<ScoresAndFeatures> {
  const { labels, inputs } = pictures;
  const both: Scorer = {
    training: learner.training,
    train: (mode) => learner.train(mode) as never,
    eval: () => learner.eval() as never,
    predict: (x) => tf.concat2d([learner.predict(x), encoder.forward(x).features], 1),
  };
  const matrix = await predictScores(both, inputs);
  const columns = Math.max(0, matrix.columns - labels.columns);
  const scores = new Float32Array(labels.rows * labels.columns);
  const features = new Float32Array(labels.rows * columns);
  for (let row = 0; row < matrix.rows; row++) {
    const values = matrix.scores.subarray(row * matrix.columns, (row + 1) * matrix.columns);
    scores.set(values.subarray(0, labels.columns), row * labels.columns);
    features.set(values.subarray(labels.columns), row * columns);
  }
  return { scores: { ...denseLabels(labels), scores }, features, columns };
}
