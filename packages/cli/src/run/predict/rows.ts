import { predictedClasses, probabilitiesOf } from '@ltml/recipes/node';
import * as tf from '@tensorflow/tfjs-core';
import type { Predictor } from './predictor.ts';
import type { ReadBatch } from './read-batches.ts';

/** The prediction for one picture. */
export interface PredictedRow {
  readonly path: string;
  /** Why the picture could not be read. The scores are then empty. */
  readonly error?: Error;
  /** The classes that are present; null if the scores only rank. */
  readonly labels: readonly string[] | null;
  /** [C] */
  readonly scores: Float32Array;
  /** [C]; null if the method gives no probabilities. */
  readonly probabilities: Float32Array | null;
}

const none = new Float32Array(0);

/** Scores a batch. @returns a row for each of its pictures, also for broken ones */
export async function predictRows(
  { paths, errors, values, shape }: ReadBatch,
  predictor: Predictor,
): Promise<PredictedRow[]> {
  const { classes } = predictor;
  const C = classes.length;
  const read = errors.filter((error) => error === undefined).length;
  const empty = { rows: 0, columns: C, scores: none };
  const inputs = tf.tensor(values, [read, ...shape]);
  const matrix = read > 0 ? await predictor.predict(inputs) : empty;
  inputs.dispose();
  const probabilities = probabilitiesOf(predictor, matrix)?.scores ?? null;
  const predicted = predictedClasses(predictor, matrix);
  let row = 0;
  return paths.map((path, i) => {
    const error = errors[i];
    if (error !== undefined) return { path, error, labels: null, scores: none, probabilities: null };
    const [from, to] = [row * C, ++row * C];
    return {
      path,
      labels: predicted && classes.filter((_, c) => predicted[from + c] === 1),
      scores: matrix.scores.subarray(from, to),
      probabilities: probabilities?.subarray(from, to) ?? null,
    };
  });
}

/** Indices of the classes with the highest scores, the highest first. */
export function likeliest({ scores }: PredictedRow, top: number): number[] {
  return Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, top);
}
