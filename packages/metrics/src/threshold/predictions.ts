import { checkOptionNames, OptionError } from '@ltml/tensor';
import { checkFunction } from '../core/check-function.ts';
import { checkPredicted } from '../core/check-predicted.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { checkTopK, highestClasses } from '../ranking/highest-classes.ts';
import type { Decision } from './decision.ts';

/** Counts over the known labels of each class; [C] each. */
export interface PredictionCounts {
  /** Number of images where the class is predicted and present, N_c^c. */
  readonly correct: Int32Array;
  /** Number of images where the class is predicted, N_c^p. */
  readonly predicted: Int32Array;
  /** Number of images where the class is present, N_c^g. */
  readonly present: Int32Array;
  /** Number of images where the label is known. */
  readonly known: Int32Array;
}

/** Options of {@link countPredictions}. */
export interface PredictionOptions {
  /** Decides from a score whether the class is present; default any score. */
  readonly decide?: Decision;
  /** [N, C] 1 where a class is predicted, e.g. from `atLeastThresholds` or `mcut`; replaces the other rules. */
  readonly predicted?: Uint8Array;
  /** Predicts only the k highest-scoring classes of an image (of equal scores the lower index); default no limit. */
  readonly topK?: number;
}

/**
 * Counts predictions for each class. Give the predictions themselves, or a rule: a threshold, a rank, or both.
 *
 * With `topK` the highest classes are chosen among all classes of the image, and counted where their label is known.
 *
 * @throws ShapeError, DataError; OptionError if there is neither a rule nor predictions, or both, or k is not in 1 … C
 */
export function countPredictions(scores: Scores, options: PredictionOptions): PredictionCounts {
  checkOptionNames('countPredictions', options, ['predicted', 'decide', 'topK']);
  checkScores('countPredictions', scores);
  const { predicted, decide = () => true, topK } = options;
  checkFunction('countPredictions', 'options.decide', decide);
  const { rows, columns, present, known } = scores;
  if (topK !== undefined) checkTopK('countPredictions', 'options.topK', topK, columns);
  const isRule = topK !== undefined || options.decide !== undefined;
  if (isRule === (predicted !== undefined)) {
    throw new OptionError({
      where: 'countPredictions',
      argument: 'options',
      expected: 'a rule (`decide`, `topK` or both) or `predicted`',
      received: isRule ? 'a rule and `predicted`' : 'neither',
    });
  }
  if (predicted) checkPredicted('countPredictions', scores, predicted);
  const counts = {
    correct: new Int32Array(columns),
    predicted: new Int32Array(columns),
    present: new Int32Array(columns),
    known: new Int32Array(columns),
  };
  const isPredicted = (at: number): boolean => (predicted ? predicted[at] === 1 : decide(scores.scores[at]));
  const candidates = topK === undefined ? Int32Array.from({ length: columns }, (_, c) => c) : new Int32Array(topK);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    for (let c = 0; c < columns; c++) {
      if (known && known[start + c] === 0) continue;
      counts.known[c]++;
      counts.present[c] += present[start + c];
    }
    if (topK !== undefined) highestClasses(scores, row, candidates);
    for (const c of candidates) {
      if ((known && known[start + c] === 0) || !isPredicted(start + c)) continue;
      counts.predicted[c]++;
      counts.correct[c] += present[start + c];
    }
  }
  return counts;
}
