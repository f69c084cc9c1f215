import { checkIndices } from '@ltml/tensor/labels';
import { checkCounts } from '../core/check-counts.ts';
import { ratio } from './precision-recall.ts';
import type { PredictionCounts } from './predictions.ts';

/** Fractions. */
export interface F1Report {
  /** F1 over all entries. */
  readonly microF1: number;
  /** Mean over classes of their F1, which is 0 where it is not defined. */
  readonly macroF1: number;
  /** Annotated entries that are predicted right. */
  readonly accuracy: number;
}

/**
 * Micro-F1, macro-F1 and accuracy, from counts of `countPredictions`.
 *
 * A single class is read as a binary problem, as scikit-learn reads one column and as the published tables therefore do:
 * micro-F1 is then the accuracy, macro-F1 the mean of the F1 of "present" and of "absent", of those that occur.
 *
 * @param classes the classes to report on, all if left out
 * @returns NaN throughout if there is no class; an accuracy of NaN if nothing is annotated
 * @throws ShapeError, DataError on counts that are none or a class that is none
 * Source: the evaluation of the released code of Wu et al. (ECCV 2020), with `decide: logitAbove(0)`.
 */
export function f1Report(counts: PredictionCounts, classes?: readonly number[]): F1Report {
  checkCounts('f1Report', counts);
  if (classes) checkIndices('f1Report', 'classes', classes, counts.known.length);
  const cells = (classes ?? Array.from(counts.known.keys())).map((c) => cellsOf(counts, c));
  const all = cells.reduce(
    (sum, { correct, wrong, known }) => ({
      correct: sum.correct + correct,
      wrong: sum.wrong + wrong,
      known: sum.known + known,
    }),
    { correct: 0, wrong: 0, known: 0 },
  );
  if (cells.length === 0) return { microF1: Number.NaN, macroF1: Number.NaN, accuracy: Number.NaN };
  const accuracy = (all.known - all.wrong) / all.known;
  if (cells.length === 1) return { microF1: accuracy, macroF1: binaryMacroF1(all), accuracy };
  return {
    microF1: f1(all.correct, all.wrong),
    macroF1: cells.reduce((sum, { correct, wrong }) => sum + f1(correct, wrong), 0) / cells.length,
    accuracy,
  };
}

/**
 * Share of the annotated images of each class that are predicted right.
 *
 * @returns [C] fractions; NaN for a class without annotations
 */
export function accuracyPerClass(counts: PredictionCounts): Float64Array {
  checkCounts('accuracyPerClass', counts);
  return Float64Array.from(counts.known, (known, c) => (known - cellsOf(counts, c).wrong) / known);
}

/** Entries of a class: present and predicted, predicted wrongly either way, and all. */
interface Cells {
  readonly correct: number;
  readonly wrong: number;
  readonly known: number;
}

function cellsOf({ correct, predicted, present, known }: PredictionCounts, c: number): Cells {
  return { correct: correct[c], wrong: predicted[c] + present[c] - 2 * correct[c], known: known[c] };
}

/** 2·TP / (2·TP + FP + FN), 0 where there is nothing to find and nothing found. */
function f1(correct: number, wrong: number): number {
  return ratio(2 * correct, 2 * correct + wrong);
}

function binaryMacroF1({ correct, wrong, known }: Cells): number {
  // Seen from "absent", what is right and not a true positive is the true positive.
  const occurring = [correct, known - wrong - correct].filter((right) => right + wrong > 0);
  return occurring.reduce((sum, right) => sum + f1(right, wrong), 0) / occurring.length;
}
