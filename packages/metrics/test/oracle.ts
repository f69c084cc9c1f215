import type { RandomStream } from '@ltml/tensor';
import type { Scores } from '../src/core/scores.ts';

/** Average precision by its definition: every distinct score is a threshold, precision and recall are counted anew at each. */
export function slowAveragePrecision(scores: readonly number[], present: readonly number[]): number {
  const positives = present.reduce((sum, label) => sum + label, 0);
  const thresholds = [...new Set(scores)].sort((a, b) => b - a);
  let sum = 0;
  let recallBefore = 0;
  for (const threshold of thresholds) {
    const { precision, recall } = at(threshold, scores, present, positives);
    sum += (recall - recallBefore) * precision;
    recallBefore = recall;
  }
  return sum;
}

/** The same under the envelope: the precision of a threshold is the best of those at this or a lower threshold. */
export function slowInterpolated(scores: readonly number[], present: readonly number[]): number {
  const positives = present.reduce((sum, label) => sum + label, 0);
  const points = [...new Set(scores)].sort((a, b) => b - a).map((t) => at(t, scores, present, positives));
  return points.reduce((sum, { recall }, i) => {
    const best = Math.max(...points.slice(i).map(({ precision }) => precision));
    return sum + (recall - (points[i - 1]?.recall ?? 0)) * best;
  }, 0);
}

function at(threshold: number, scores: readonly number[], present: readonly number[], positives: number) {
  const retrieved = scores.filter((score) => score >= threshold).length;
  const correct = scores.filter((score, i) => score >= threshold && present[i] === 1).length;
  return { precision: correct / retrieved, recall: correct / positives };
}

/** Scores from a table of rows; a label of −1 is not annotated. */
export function scoresOf(table: readonly (readonly number[])[], labels: readonly (readonly number[])[]): Scores {
  const flat = labels.flat();
  return {
    rows: table.length,
    columns: table[0]?.length ?? 0,
    scores: Float32Array.from(table.flat()),
    present: Uint8Array.from(flat, (label) => (label === 1 ? 1 : 0)),
    known: Uint8Array.from(flat, (label) => (label === -1 ? 0 : 1)),
  };
}

/** Random scores: with many ties, a third of the labels present and, unless all are known, a fifth not annotated. */
export function randomScores(random: RandomStream, rows: number, columns: number, allKnown = true): Scores {
  const draw = <T>(make: () => T): T[] => Array.from({ length: rows * columns }, make);
  return {
    rows,
    columns,
    scores: Float32Array.from(draw(() => random.integer(8) / 4 - 1)),
    present: Uint8Array.from(draw(() => (random.integer(3) === 0 ? 1 : 0))),
    ...(allKnown ? {} : { known: Uint8Array.from(draw(() => (random.integer(5) === 0 ? 0 : 1))) }),
  };
}

/** The annotated entries of a class. */
export function column(scores: Scores, c: number): { scores: number[]; present: number[] } {
  const rows = Array.from({ length: scores.rows }, (_, row) => row * scores.columns + c).filter(
    (entry) => (scores.known?.[entry] ?? 1) === 1,
  );
  return { scores: rows.map((entry) => scores.scores[entry]), present: rows.map((entry) => scores.present[entry]) };
}
