import { checkIndices } from '@ltml/tensor/labels';
import { checkScores, type Scores } from './scores.ts';

/**
 * Copies the given images and classes, in the given order.
 *
 * @param images row indices; default all
 * @param classes column indices; default all
 * @throws ShapeError, DataError on bad scores, or on an image or class that does not exist
 */
export function selectScores(
  scores: Scores,
  images: ArrayLike<number> | undefined,
  classes?: ArrayLike<number>,
): Scores {
  checkScores('selectScores', scores);
  const rows = images ?? Array.from({ length: scores.rows }, (_, row) => row);
  const columns = classes ?? Array.from({ length: scores.columns }, (_, c) => c);
  checkIndices('selectScores', 'images', rows, scores.rows);
  checkIndices('selectScores', 'classes', columns, scores.columns);
  const size = rows.length * columns.length;
  const selected = {
    rows: rows.length,
    columns: columns.length,
    scores: new Float32Array(size),
    present: new Uint8Array(size),
    ...(scores.known ? { known: new Uint8Array(size) } : {}),
  };
  for (let i = 0, at = 0; i < rows.length; i++) {
    for (let j = 0; j < columns.length; j++, at++) {
      const from = rows[i] * scores.columns + columns[j];
      selected.scores[at] = scores.scores[from];
      selected.present[at] = scores.present[from];
      if (scores.known && selected.known) selected.known[at] = scores.known[from];
    }
  }
  return selected;
}

/** The images that have a known positive among the given classes, ascending. @throws ShapeError, DataError */
export function imagesWithPositives(scores: Scores, classes?: readonly number[]): Int32Array {
  checkScores('imagesWithPositives', scores);
  const { rows, columns, present, known } = scores;
  const asked = classes ?? Array.from({ length: columns }, (_, c) => c);
  checkIndices('imagesWithPositives', 'classes', asked, columns);
  const isPositive = (at: number): boolean => present[at] === 1 && (known?.[at] ?? 1) === 1;
  return Int32Array.from({ length: rows }, (_, row) => row).filter((row) =>
    asked.some((c) => isPositive(row * columns + c)),
  );
}
