import { denseLabels, type InputSource, type LabelledInputs } from '@ltml/data';
import type { ScoreMatrix, Scores } from '@ltml/metrics';
import { checkCount, checkOptionNames, DataError, ShapeError } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { batchesAhead } from './batches-ahead.ts';

/** What scores images; a learner is one. */
export type Scorer = Pick<Learner, 'training' | 'train' | 'eval' | 'predict'>;

export interface PredictOptions {
  /** Images at a time; default 64. It bounds the memory and does not change the scores. */
  readonly batchSize?: number;
  /** Stops between two batches, with the reason of the signal as the error. */
  readonly signal?: AbortSignal;
}

/**
 * Scores of every image of a source, in its order, in evaluation mode and without augmentation.
 *
 * Training mode is as before afterwards. Device memory is bounded by the batch, host memory is N·C floats.
 *
 * @throws DataError if a score is NaN, naming image and class; OptionError unless `batchSize` is a whole number from 1
 */
export async function predictScores(
  learner: Scorer,
  inputs: InputSource,
  options: PredictOptions = {},
): Promise<ScoreMatrix> {
  checkOptionNames('predictScores', options, ['batchSize', 'signal']);
  const { batchSize = 64, signal } = options;
  checkCount('predictScores', 'options.batchSize', batchSize);
  const wasTraining = learner.training;
  learner.eval();
  try {
    let columns = 0;
    let values = new Float32Array(0);
    for await (const { start, count, values: batch } of batchesAhead(inputs, { batchSize, signal })) {
      const scores = tf.tidy(() => learner.predict(tf.tensor(batch, [count, ...inputs.shape])));
      if (start === 0) {
        columns = scores.shape[1];
        values = new Float32Array(inputs.length * columns);
      }
      values.set(await scores.data(), start * columns);
      scores.dispose();
    }
    const bad = values.findIndex(Number.isNaN);
    if (bad >= 0) {
      throw new DataError({
        where: 'predictScores',
        argument: 'learner.predict',
        expected: 'numbers for every image',
        received: `NaN for image ${Math.floor(bad / columns)}, class ${bad % columns}`,
      });
    }
    return { rows: inputs.length, columns, scores: values };
  } finally {
    learner.train(wasTraining);
  }
}

/**
 * Scores of a data set together with its labels, as every metric of `@ltml/metrics` takes them.
 *
 * @throws ShapeError if the learner knows another number of classes; DataError on NaN
 */
export async function evaluate(
  learner: Scorer,
  dataset: LabelledInputs,
  options: PredictOptions = {},
): Promise<Scores> {
  const matrix = await predictScores(learner, dataset.inputs, options);
  if (matrix.rows > 0 && matrix.columns !== dataset.labels.columns) {
    throw new ShapeError({
      where: 'evaluate',
      argument: 'learner.predict',
      expected: `[B, C] with C = ${dataset.labels.columns}, the classes of ${dataset.name}`,
      received: `C = ${matrix.columns}`,
    });
  }
  return { ...matrix, ...denseLabels(dataset.labels) };
}
