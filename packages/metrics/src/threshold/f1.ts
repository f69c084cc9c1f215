import { checkIndices } from '@ltml/tensor/labels';
import { checkCounts } from '../core/check-counts.ts';
import { ratio } from './precision-recall.ts';
import type { PredictionCounts } from './predictions.ts';

/** F1 and accuracy; fractions. */
export interface F1Report {
  /** F1 over the entries of all classes together. */
  readonly microF1: number;
  /** Mean of the class F1; an undefined F1 (0/0) counts as 0. */
  readonly macroF1: number;
  /** Share of the known entries that are predicted correctly. */
  readonly accuracy: number;
}

/**
 * Micro-F1, macro-F1 and accuracy, from the counts of `countPredictions`.
 *
 * A single class counts as a binary problem, as scikit-learn treats one column, and therefore the published tables too.
 * Micro-F1 is then the accuracy. Macro-F1 is the mean of the F1 of "present" and the F1 of "absent", of those that
 * occur.
 *
 * @param classes indices of the classes to report on; default all
 * @returns NaN in every field if there is no class; an accuracy of NaN if no label is known
 * @throws ShapeError, DataError on invalid counts or a class that does not exist
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
 * Accuracy of each class: the share of its known labels that are predicted correctly.
 *
 * @returns [C] fractions; NaN for a class without known labels
 * @throws ShapeError, DataError on invalid counts
 */
export function accuracyPerClass(counts: PredictionCounts): Float64Array {
  checkCounts('accuracyPerClass', counts);
  return Float64Array.from(counts.known, (known, c) => (known - cellsOf(counts, c).wrong) / known);
}

/** Entries of a class: present and predicted, predicted wrongly (false positives and false negatives), and all. */
interface Cells {
  readonly correct: number;
  readonly wrong: number;
  readonly known: number;
}

function cellsOf({ correct, predicted, present, known }: PredictionCounts, c: number): Cells {
  return { correct: correct[c], wrong: predicted[c] + present[c] - 2 * correct[c], known: known[c] };
}

/** 2·TP / (2·TP + FP + FN); 0 for 0/0. */
function f1(correct: number, wrong: number): number {
  return ratio(2 * correct, 2 * correct + wrong);
}

function binaryMacroF1({ correct, wrong, known }: Cells): number {
  // For "absent", the correct entries that are not true positives are the true positives.
  const occurring = [correct, known - wrong - correct].filter((right) => right + wrong > 0);
  return occurring.reduce((sum, right) => sum + f1(right, wrong), 0) / occurring.length;
}
