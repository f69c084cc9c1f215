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

/** What turns the scores of a model into probabilities and labels; every model is one. */
export interface ScoreUse {
  readonly learner: Pick<Learner, 'scores'>;
  readonly thresholds: Thresholds | null;
  readonly calibration: Calibration | null;
}

/**
 * Probabilities of a model's scores, by its temperature if one was fitted: σ(x/T), or the softmax of x/T.
 *
 * @returns null for scores that are relative: they promise no probability
 */
export function probabilitiesOf<T extends ScoreMatrix>({ learner, calibration }: ScoreUse, matrix: T): T | null {
  if (learner.scores === 'relative') return null;
  const ofKind = learner.scores === 'sigmoid' ? sigmoidProbabilities : softmaxProbabilities;
  return ofKind(matrix, calibration?.temperature ?? 1);
}

/**
 * The classes that a model sees in images: those whose score reaches their threshold, or is above the largest gap of the
 * image (`mcut`). Without thresholds those that are as likely as not, or the likeliest one where an image has one class.
 *
 * @returns [N, C] 1 where a class is predicted; null for relative scores without thresholds, which are only a ranking
 */
export function predictedClasses(use: ScoreUse, matrix: ScoreMatrix): Uint8Array | null {
  const { thresholds, learner } = use;
  if (thresholds === 'mcut') return mcut(probabilitiesOf(use, matrix) ?? matrix).predicted;
  if (thresholds) return atLeastThresholds(matrix, thresholds);
  if (learner.scores === 'sigmoid') return atLeastThresholds(matrix, new Float32Array(matrix.columns));
  return learner.scores === 'softmax' ? likeliest(matrix) : null;
}

/** 1 where a class is the likeliest of its image, of equal ones the lowest. */
function likeliest({ rows, columns, scores }: ScoreMatrix): Uint8Array {
  const predicted = new Uint8Array(rows * columns);
  for (let row = 0; row < rows && columns > 0; row++) {
    let best = row * columns;
    for (let at = best; at < (row + 1) * columns; at++) if (scores[at] > scores[best]) best = at;
    predicted[best] = 1;
  }
  return predicted;
}

/** Scores of the images that are known to show one class, and that class. */
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
