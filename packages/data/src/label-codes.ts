import { checkCount, checkOptionNames, DataError, OptionError } from '@ltml/tensor';
import { checkIndices, type Labels, labelRows, type SparseLabels } from '@ltml/tensor/labels';

/** The meaning of the numbers in a label matrix: three different whole numbers in −128 … 127. */
export interface LabelCodes {
  readonly present: number;
  readonly absent: number;
  readonly unknown: number;
}

/** 1 present, −1 absent, 0 unknown: as in SARB, MKT and Open Images. */
export const unknownIsZero: LabelCodes = { present: 1, absent: -1, unknown: 0 };

/** 1 present, 0 absent, −1 unknown: as in the partial losses of the DB code. */
export const unknownIsMinusOne: LabelCodes = { present: 1, absent: 0, unknown: -1 };

/**
 * Reads labels from a matrix of coded numbers.
 *
 * @param values [N, C] row-major
 * @param columns C, at least 1
 * @throws DataError naming row and class of a number that is not a code, or on an incomplete row; OptionError unless
 *   the codes are three different 8-bit whole numbers
 */
export function decodeLabels(values: ArrayLike<number>, columns: number, codes: LabelCodes): Labels {
  checkCount('decodeLabels', 'columns', columns);
  checkCodes('decodeLabels', codes);
  const rows = values.length / columns;
  if (!Number.isInteger(rows)) {
    throw new DataError({
      where: 'decodeLabels',
      argument: 'values',
      expected: `complete rows of ${columns}`,
      received: `${values.length} numbers`,
    });
  }
  const present = new Uint8Array(values.length);
  const known = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value !== codes.present && value !== codes.absent && value !== codes.unknown) {
      throw new DataError({
        where: 'decodeLabels',
        argument: 'values',
        expected: `made of ${codes.present} (present), ${codes.absent} (absent) and ${codes.unknown} (unknown)`,
        received: `${value} at row ${Math.floor(at / columns)}, class ${at % columns}`,
      });
    }
    present[at] = value === codes.present ? 1 : 0;
    known[at] = value === codes.unknown ? 0 : 1;
  }
  return { rows, columns, present, ...(known.includes(0) ? { known } : {}) };
}

/**
 * Writes labels as a matrix of coded numbers: the inverse of {@link decodeLabels}.
 *
 * @returns [N, C] row-major
 * @throws DataError on dense labels other than 0 and 1; OptionError unless the codes are three different 8-bit whole
 *   numbers
 */
export function encodeLabels(labels: Labels | SparseLabels, codes: LabelCodes): Int8Array {
  const sparse = labelRows('encodeLabels', labels);
  checkCodes('encodeLabels', codes);
  const { rows, columns } = sparse;
  const values = new Int8Array(rows * columns);
  for (let index = 0; index < rows; index++) {
    const { present, absent } = sparse.row(index);
    const row = values.subarray(index * columns, (index + 1) * columns);
    row.fill(absent === 'rest' ? codes.absent : codes.unknown);
    if (absent !== 'rest') for (const c of absent) row[c] = codes.absent;
    for (const c of present) row[c] = codes.present;
  }
  return values;
}

/**
 * Makes labels from the list of present classes of each image; all other classes are absent, none is unknown.
 *
 * @param lists [N] class indices, each below `columns`
 * @throws DataError naming the image with a class outside 0 … C − 1
 */
export function labelsFromLists(lists: readonly ArrayLike<number>[], columns: number): Labels {
  checkCount('labelsFromLists', 'columns', columns, { min: 0 });
  const present = new Uint8Array(lists.length * columns);
  for (const [row, classes] of lists.entries()) {
    checkIndices('labelsFromLists', `lists[${row}]`, classes, columns);
    for (let i = 0; i < classes.length; i++) present[row * columns + classes[i]] = 1;
  }
  return { rows: lists.length, columns, present };
}

function checkCodes(where: string, codes: LabelCodes): void {
  checkOptionNames(where, codes, ['present', 'absent', 'unknown']);
  const { present, absent, unknown } = codes;
  for (const [name, code] of Object.entries({ present, absent, unknown })) {
    checkCount(where, `codes.${name}`, code, { min: -128, max: 127 });
  }
  if (present !== absent && present !== unknown && absent !== unknown) return;
  throw new OptionError({
    where,
    argument: 'codes',
    expected: 'three different numbers',
    received: `${present} (present), ${absent} (absent) and ${unknown} (unknown)`,
  });
}
