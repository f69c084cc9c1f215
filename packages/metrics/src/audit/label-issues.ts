import { checkProbabilities } from '../calibration/check-probabilities.ts';
import { type ClassColumn, classColumns } from '../core/class-columns.ts';
import { checkScores, type Scores } from '../core/scores.ts';

/** A known label that is likely wrong. */
export interface LabelIssue {
  /** The image. */
  readonly row: number;
  readonly class: number;
  /** What is said of the class: 1 present, 0 absent. The likely truth is the other. */
  readonly label: 0 | 1;
  /** Probability of what is said, by the model; the lower, the likelier an error. */
  readonly selfConfidence: number;
}

/**
 * Finds known labels that are likely wrong, by confident learning for each class, present against absent.
 *
 * A label is an issue if the model is confident of the opposite. It is confident of a side whose probability is at least the
 * mean probability of that side over the images labelled so:
 *
 *     t_c1 = mean of p_nc over y_nc = 1,   t_c0 = mean of 1 − p_nc over y_nc = 0
 *
 * and where it is confident of both sides, of the likelier one. A model that is too certain of a class everywhere thus moves
 * its thresholds along, and needs no calibration. Give probabilities of images that the model was not trained on: what it
 * was trained on it repeats.
 *
 * @param probabilities with labels; unknown labels take part in nothing
 * @returns the least confident first, of equal ones by image and class; nothing for a class that is known as present or
 *   absent only
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

/** For thresholds that are means: rounding of a sum decides nothing. */
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
