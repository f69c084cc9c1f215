import { checkProbabilities } from '../calibration/check-probabilities.ts';
import { type ClassColumn, classColumns } from '../core/class-columns.ts';
import { checkScores, type Scores } from '../core/scores.ts';

/** A known label that is probably wrong. */
export interface LabelIssue {
  /** Index of the image. */
  readonly row: number;
  /** Index of the class. */
  readonly class: number;
  /** The given label: 1 present, 0 absent. The true label is probably the other one. */
  readonly label: 0 | 1;
  /** The model's probability of the given label; the lower, the more likely the label is wrong. */
  readonly selfConfidence: number;
}

/**
 * Finds known labels that are probably wrong, with confident learning for each class (present against absent).
 *
 * A label is an issue if the model is confident of the opposite label. The model is confident of a label if its
 * probability is at least the mean probability of that label over the images that have it:
 *
 *     t_c1 = mean of p_nc over y_nc = 1,   t_c0 = mean of 1 − p_nc over y_nc = 0
 *
 * If it is confident of both, the more likely one counts. The thresholds follow the model: if it is too confident of a
 * class everywhere, they move with it, so no calibration is needed. Use probabilities of images that the model was not
 * trained on, because on training images it repeats their labels.
 *
 * @param probabilities [N, C] with their labels; unknown labels are ignored
 * @returns the least confident first, equal ones ordered by image and class. A class whose known labels are all present
 *   or all absent has no issues
 * @throws ShapeError; DataError, also on scores outside [0, 1]
 * Source: Northcutt et al., Confident learning (JAIR 2021): the confident off-diagonals, one class against the rest.
 */
export function labelIssues(probabilities: Scores): LabelIssue[] {
  checkScores('labelIssues', probabilities);
  checkProbabilities('labelIssues', probabilities);
  const issues: LabelIssue[] = [];
  for (const column of classColumns(probabilities)) {
    const rows = rowsOf(probabilities, column.index);
    for (const { place, label, selfConfidence } of issuesOf(column)) {
      issues.push({ row: rows[place], class: column.index, label, selfConfidence });
    }
  }
  return issues.sort((a, b) => a.selfConfidence - b.selfConfidence || a.row - b.row || a.class - b.class);
}

/** The images whose label of a class is known. */
function rowsOf({ rows, columns, known }: Scores, c: number): readonly number[] {
  const all = Array.from({ length: rows }, (_, row) => row);
  return known ? all.filter((row) => known[row * columns + c] === 1) : all;
}

/** Thresholds are means, so differences below this are rounding. */
const slack = 1e-6;

function* issuesOf({ scores, present }: ClassColumn) {
  let [positives, ofPresent, ofAbsent] = [0, 0, 0];
  for (let i = 0; i < scores.length; i++) {
    positives += present[i];
    if (present[i] === 1) ofPresent += scores[i];
    else ofAbsent += 1 - scores[i];
  }
  if (positives === 0 || positives === scores.length) return;
  const fromPresent = ofPresent / positives - slack;
  const fromAbsent = ofAbsent / (scores.length - positives) - slack;
  for (let place = 0; place < scores.length; place++) {
    const p = scores[place];
    const [isPresent, isAbsent] = [p >= fromPresent, 1 - p >= fromAbsent];
    const label = present[place] === 1 ? 1 : 0;
    const other = label === 1 ? isAbsent && (!isPresent || 1 - p > p) : isPresent && (!isAbsent || p > 1 - p);
    if (other) yield { place, label, selfConfidence: label === 1 ? p : 1 - p } as const;
  }
}
