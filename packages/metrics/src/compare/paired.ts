import { DataError, ShapeError } from '@ltml/tensor';
import { checkFunction } from '../core/check-function.ts';
import { checkGroups } from '../core/check-groups.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import type { AveragePrecisionRule } from '../ranking/average-precision.ts';

/** Options that both comparisons of two score sets share. */
export interface PairedOptions {
  /** Class indices to average over, by the name of the result; default all classes as `total`. */
  readonly groups?: Readonly<Record<string, readonly number[]>>;
  /** The definition of average precision; default `nonInterpolated`. */
  readonly rule?: AveragePrecisionRule;
  /** Called after each resample or permutation. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Checks that both sets score the same images with the same labels. @throws ShapeError, DataError */
export function checkPaired(where: string, first: Scores, second: Scores): void {
  checkScores(where, first);
  checkScores(where, second);
  if (first.rows !== second.rows || first.columns !== second.columns) {
    throw new ShapeError({
      where,
      argument: 'second',
      expected: `[N, C] = [${first.rows}, ${first.columns}], the shape of first`,
      received: `[${second.rows}, ${second.columns}]`,
    });
  }
  const differs = firstOtherTarget(first, second);
  if (differs < 0) return;
  throw new DataError({
    where,
    argument: 'second',
    expected: 'the same labels as first',
    received: `another label at row ${Math.floor(differs / first.columns)}, class ${differs % first.columns}`,
  });
}

function firstOtherTarget(first: Scores, second: Scores): number {
  for (let at = 0; at < first.present.length; at++) {
    const known = first.known?.[at] ?? 1;
    if (known !== (second.known?.[at] ?? 1)) return at;
    if (known === 1 && first.present[at] !== second.present[at]) return at;
  }
  return -1;
}

/** Checks groups, rule and callback. @throws DataError on a class that does not exist; OptionError */
export function checkPairedOptions(
  where: string,
  { groups = {}, rule, onProgress }: PairedOptions,
  scores: Scores,
): void {
  checkGroups(where, 'options.groups', groups, scores.columns);
  checkFunction(where, 'options.rule', rule);
  checkFunction(where, 'options.onProgress', onProgress);
}

/** The images whose label of a class is known. */
export function annotatedImages({ rows, columns, known }: Scores, c: number): Int32Array {
  const images = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) if (!known || known[row * columns + c] === 1) images[count++] = row;
  return images.subarray(0, count);
}

/** The scores of the given images for one class. */
export function scoresOf({ scores, columns }: Scores, c: number, images: Int32Array): Float32Array {
  const values = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) values[i] = scores[images[i] * columns + c];
  return values;
}

/** Mean over classes, leaving out NaN (a class without positives); NaN if none is left. */
export function meanOfDefined(values: Float64Array, classes: readonly number[]): number {
  let sum = 0;
  let count = 0;
  for (const c of classes) {
    if (Number.isNaN(values[c])) continue;
    sum += values[c];
    count++;
  }
  return sum / count;
}

/** All classes as the one group `total`. */
export function allClasses({ columns }: Scores): Readonly<Record<string, readonly number[]>> {
  return { total: Array.from({ length: columns }, (_, c) => c) };
}
