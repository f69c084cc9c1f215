import { denseLabels, type InputSource, type LabelledInputs, shareOf } from '@ltml/data';
import type { ScoreMatrix, Scores } from '@ltml/metrics';
import { checkCount, checkOptionNames, DataError, ShapeError } from '@ltml/tensor';
import type { Communicator, Learner } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { batchesAhead } from './batches-ahead.ts';
import { gatherScores, someRows } from './ranks/gather-scores.ts';

/** The part of a learner that scores images. */
export type Scorer = Pick<Learner, 'training' | 'train' | 'eval' | 'predict'>;

/** Options of {@link predictScores} and {@link evaluate}. */
export interface PredictOptions {
  /** Images per batch; default 64. It bounds memory and does not change the scores. */
  readonly batchSize?: number;
  /** Stops between two batches; its reason is thrown. */
  readonly signal?: AbortSignal;
  /** Ranks that share the images. Each has the same learner, and each gets all scores. Default: one rank. */
  readonly communicator?: Communicator;
}

/**
 * Scores all images of a source, in order, in evaluation mode and without augmentation.
 *
 * The learner's training mode is restored afterwards. Device memory is bounded by the batch; host memory is N·C floats.
 *
 * @returns scores [N, C]
 * @throws DataError if a score is NaN, naming image and class
 * @throws OptionError unless `batchSize` is a whole number from 1
 */
export async function predictScores(
  learner: Scorer,
  inputs: InputSource,
  options: PredictOptions = {},
): Promise<ScoreMatrix> {
  checkOptionNames('predictScores', options, ['batchSize', 'signal', 'communicator']);
  const { batchSize = 64, signal, communicator } = options;
  checkCount('predictScores', 'options.batchSize', batchSize);
  const { length: rows } = inputs;
  const { columns, values } = communicator
    ? await shareScores(learner, inputs, { batchSize, signal }, communicator)
    : await computeScores(learner, inputs, { batchSize, signal });
  const bad = values.findIndex(Number.isNaN);
  if (bad >= 0) {
    throw new DataError({
      where: 'predictScores',
      argument: 'learner.predict',
      expected: 'a score for every image and class',
      received: `NaN for image ${Math.floor(bad / columns)}, class ${bad % columns}`,
    });
  }
  return { rows, columns, scores: values };
}

interface Computed {
  readonly columns: number;
  /** [N, C] */
  readonly values: Float32Array;
}

interface ComputeOptions {
  readonly batchSize: number;
  readonly signal: AbortSignal | undefined;
}

/** Scores all images. Restores the training mode afterwards. */
async function computeScores(
  learner: Scorer,
  inputs: InputSource,
  { batchSize, signal }: ComputeOptions,
): Promise<Computed> {
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
    return { columns, values };
  } finally {
    learner.train(wasTraining);
  }
}

/** Each rank scores its share. If one rank is stopped, all stop. */
async function shareScores(
  learner: Scorer,
  inputs: InputSource,
  options: ComputeOptions,
  communicator: Communicator,
): Promise<Computed> {
  const { signal } = options;
  const own = await computeScores(learner, someRows(inputs, shareOf(inputs.length, communicator)), options).catch(
    (error: unknown) => {
      if (signal?.aborted && error === signal.reason) return undefined;
      throw error;
    },
  );
  return gatherScores(communicator, inputs.length, own).catch((error: unknown) => {
    throw own ? error : signal?.reason;
  });
}

/**
 * Scores a data set and adds its labels. All metrics of `@ltml/metrics` take the result.
 *
 * @throws ShapeError if the learner has another number of classes than the data set
 * @throws DataError if a score is NaN
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
