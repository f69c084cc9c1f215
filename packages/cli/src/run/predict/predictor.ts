import type { Pipeline } from '@ltml/images';
import type { ScoreMatrix } from '@ltml/metrics';
import type { FileFeatures, Model, ScoreUse } from '@ltml/recipes/node';
import type { LabelScorer } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchReader } from './read-batches.ts';
import type { Views } from './views.ts';

/** Scores pictures: the model of a run, or a CLIP with free labels. */
export interface Predictor extends ScoreUse {
  readonly classes: readonly string[];
  /** Ids of the classes in the data set; left out for free labels. */
  readonly classIds?: readonly string[];
  /** Makes the input of {@link predict} from pictures of any size. */
  readonly pipeline: Pipeline;
  /** Reads stored features as the input of {@link predict}; left out: pictures are read. */
  readonly reader?: BatchReader;
  /**
   * Scores [B, C]. @param inputs [B, H, W, 3] from the pipeline, or [B, …] from the reader; the caller disposes of them
   */
  predict(inputs: tf.Tensor): Promise<ScoreMatrix>;
}

/** Scores by a model. With several views of a picture, their scores are averaged. */
export function modelPredictor(model: Model, views: Views, stored?: FileFeatures): Predictor {
  const { learner, classes, classIds, thresholds, calibration } = model;
  const use = { learner, thresholds, calibration, classes, classIds, pipeline: views.pipeline };
  if (!stored) return { ...use, predict: meanOf(views, model, (inputs) => learner.predict(inputs)) };
  const reader: BatchReader = {
    shape: stored.shape,
    read: (requests) => stored.read(requests.map(({ file }) => file)),
  };
  return { ...use, reader, predict: (inputs) => matrixOf(tf.tidy(() => learner.predict(inputs))) };
}

/** Scores free labels by a model. They are ranked within their list. */
export function labelPredictor(model: Model, views: Views, labels: readonly string[], scorer: LabelScorer): Predictor {
  const predict = meanOf(views, model, (inputs) => scorer.predict(inputs));
  const use: ScoreUse = { learner: { scores: 'relative' }, thresholds: null, calibration: null };
  return { ...use, classes: labels, pipeline: views.pipeline, predict };
}

/** Scores views of images and averages the scores. */
function meanOf({ cut }: Views, { encode }: Model, score: (inputs: tf.Tensor) => tf.Tensor2D): Predictor['predict'] {
  return (images) =>
    matrixOf(
      tf.tidy(() => {
        const views = cut(images as tf.Tensor4D).map((view) => score(encode(view)));
        return views.length === 1 ? views[0] : (tf.div(tf.addN(views), views.length) as tf.Tensor2D);
      }),
    );
}

/** Reads scores from the device. Disposes of the tensor. */
export async function matrixOf(scores: tf.Tensor2D): Promise<ScoreMatrix> {
  const [rows, columns] = scores.shape;
  try {
    return { rows, columns, scores: await scores.data<'float32'>() };
  } finally {
    scores.dispose();
  }
}
