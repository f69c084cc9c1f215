import { checkOptionNames, OptionError } from '@ltml/tensor';
import { checkFunction } from '../core/check-function.ts';
import { checkPredicted } from '../core/check-predicted.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { checkTopK, highestClasses } from '../ranking/highest-classes.ts';
import type { Decision } from './decision.ts';

/** Annotated images of each class, counted; all [C]. */
export interface PredictionCounts {
  /** Predicted and present, N_c^c. */
  readonly correct: Int32Array;
  /** Predicted, N_c^p. */
  readonly predicted: Int32Array;
  /** Present, N_c^g. */
  readonly present: Int32Array;
  /** Annotated. */
  readonly known: Int32Array;
}

export interface PredictionOptions {
  /** Which scores mean that a class is present; any if left out. */
  readonly decide?: Decision;
  /** [N, C] 1 where a class is predicted, as `atLeastThresholds` and `mcut` say; in place of the other rules. */
  readonly predicted?: Uint8Array;
  /** Take only the k highest classes of an image (of equal scores the lower class); all if left out. */
  readonly topK?: number;
}

/**
 * Counts predictions per class: those that are given, or those by a threshold, by rank or by both.
 *
 * With `topK` the highest classes are chosen among all of the image, and counted where they are annotated.
 *
 * @throws ShapeError, DataError; OptionError if no rule is given, or predictions and a rule, or k is not in 1 … C
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
      expected: 'a rule: `decide`, `topK` or both; or `predicted`',
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
