import type { Pipeline } from '@ltml/images';
import type { ScoreMatrix } from '@ltml/metrics';
import type { FileFeatures, Model, ScoreUse } from '@ltml/recipes/node';
import type { LabelScorer } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { BatchReader } from './read-batches.ts';
import type { Views } from './views.ts';

/** What scores pictures: the model of a run, or a network that reads labels. */
export interface Predictor extends ScoreUse {
  readonly classes: readonly string[];
  /** What the data set calls them; left out of free labels. */
  readonly classIds?: readonly string[];
  /** From pictures of any size to what {@link predict} takes. */
  readonly pipeline: Pipeline;
  /** Reads what {@link predict} takes in place of pictures. */
  readonly reader?: BatchReader;
  /** @param inputs [B, H, W, 3] as the pipeline gives them, or [B, …] of the reader; disposed of by the caller */
  predict(inputs: tf.Tensor): Promise<ScoreMatrix>;
}

/** The model of a run; of several views of a picture the scores are averaged. */
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

/** The same for free labels, which are ranked within their list. */
export function labelPredictor(model: Model, views: Views, labels: readonly string[], scorer: LabelScorer): Predictor {
  const predict = meanOf(views, model, (inputs) => scorer.predict(inputs));
  const use: ScoreUse = { learner: { scores: 'relative' }, thresholds: null, calibration: null };
  return { ...use, classes: labels, pipeline: views.pipeline, predict };
}

function meanOf({ cut }: Views, { encode }: Model, score: (inputs: tf.Tensor) => tf.Tensor2D): Predictor['predict'] {
  return (images) =>
    matrixOf(
      tf.tidy(() => {
        const views = cut(images as tf.Tensor4D).map((view) => score(encode(view)));
        return views.length === 1 ? views[0] : (tf.div(tf.addN(views), views.length) as tf.Tensor2D);
      }),
    );
}

/** Scores on the host; the tensor is disposed of. */
export async function matrixOf(scores: tf.Tensor2D): Promise<ScoreMatrix> {
  const [rows, columns] = scores.shape;
  try {
    return { rows, columns, scores: await scores.data<'float32'>() };
  } finally {
    scores.dispose();
  }
}
