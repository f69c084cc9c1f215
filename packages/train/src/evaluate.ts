import { denseLabels, type InputSource, type LabelledInputs, shareOf } from '@ltml/data';
import type { ScoreMatrix, Scores } from '@ltml/metrics';
import { checkCount, checkOptionNames, DataError, ShapeError } from '@ltml/tensor';
import type { Communicator, Learner } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { batchesAhead } from './batches-ahead.ts';
import { gatherScores, someRows } from './ranks/gather-scores.ts';

/** What scores images; a learner is one. */
export type Scorer = Pick<Learner, 'training' | 'train' | 'eval' | 'predict'>;

export interface PredictOptions {
  /** Images at a time; default 64. It bounds the memory and does not change the scores. */
  readonly batchSize?: number;
  /** Stops between two batches, with the reason of the signal as the error. */
  readonly signal?: AbortSignal;
  /** Ranks that share the images, each with the same learner; all of them get all scores. Default: one rank. */
  readonly communicator?: Communicator;
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
      expected: 'numbers for every image',
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

/** Training mode is as before afterwards. */
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

/** Each rank scores its share. All of them stop where one is told to. */
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
