import {
  atLeastThresholds,
  mcut,
  type ScoreMatrix,
  type Scores,
  selectScores,
  sigmoidProbabilities,
  softmaxProbabilities,
} from '@ltml/metrics';
import type { Learner } from '@ltml/tensor/contract';
import type { Calibration, Thresholds } from '../model/model-description.ts';

/** What turns a model's scores into probabilities and labels. Every {@link Model} has it. */
export interface ScoreUse {
  readonly learner: Pick<Learner, 'scores'>;
  /** Null: the default decides. */
  readonly thresholds: Thresholds | null;
  /** Null: the temperature is 1. */
  readonly calibration: Calibration | null;
}

/**
 * Probabilities of a model's scores: σ(x/T), or softmax(x/T). T is the fitted temperature, or 1.
 *
 * @returns null for relative scores, which give no probabilities
 */
export function probabilitiesOf<T extends ScoreMatrix>({ learner, calibration }: ScoreUse, matrix: T): T | null {
  if (learner.scores === 'relative') return null;
  const ofKind = learner.scores === 'sigmoid' ? sigmoidProbabilities : softmaxProbabilities;
  return ofKind(matrix, calibration?.temperature ?? 1);
}

/**
 * The classes that a model predicts for images. By default, a class is predicted if its probability is at least 0.5
 * (sigmoid) or the highest of the image (softmax). With thresholds, if its score reaches its threshold; with `mcut`, if
 * it is above the largest gap between the sorted scores of the image.
 *
 * @returns [N, C] 1 where a class is predicted; null for relative scores without thresholds
 */
export function predictedClasses(use: ScoreUse, matrix: ScoreMatrix): Uint8Array | null {
  const { thresholds, learner } = use;
  if (thresholds === 'mcut') return mcut(probabilitiesOf(use, matrix) ?? matrix).predicted;
  if (thresholds) return atLeastThresholds(matrix, thresholds);
  if (learner.scores === 'sigmoid') return atLeastThresholds(matrix, new Float32Array(matrix.columns));
  return learner.scores === 'softmax' ? likeliest(matrix) : null;
}

/** [N, C] 1 at the class with the highest score of each image, the first one on ties. */
function likeliest({ rows, columns, scores }: ScoreMatrix): Uint8Array {
  const predicted = new Uint8Array(rows * columns);
  for (let row = 0; row < rows && columns > 0; row++) {
    let best = row * columns;
    for (let at = best; at < (row + 1) * columns; at++) if (scores[at] > scores[best]) best = at;
    predicted[best] = 1;
  }
  return predicted;
}

/** The images with exactly one known positive class, and these classes. */
export function singleLabels(scores: Scores): { readonly scores: Scores; readonly labels: readonly number[] } {
  const { rows, columns, present, known } = scores;
  const images: number[] = [];
  const labels: number[] = [];
  for (let row = 0; row < rows; row++) {
    const classes: number[] = [];
    for (let at = row * columns; at < (row + 1) * columns; at++) {
      if (present[at] === 1 && (known?.[at] ?? 1) === 1) classes.push(at - row * columns);
    }
    if (classes.length !== 1) continue;
    images.push(row);
    labels.push(classes[0]);
  }
  return { scores: selectScores(scores, images), labels };
}
