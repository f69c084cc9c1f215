import { DataError } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';

/** What the numbers of a label matrix stand for. */
export interface LabelCodes {
  readonly present: number;
  readonly absent: number;
  readonly unknown: number;
}

/** 1 present, −1 absent, 0 unknown: SARB, MKT and Open Images. */
export const unknownIsZero: LabelCodes = { present: 1, absent: -1, unknown: 0 };

/** 1 present, 0 absent, −1 unknown: the partial losses of the DB code. */
export const unknownIsMinusOne: LabelCodes = { present: 1, absent: 0, unknown: -1 };

/**
 * Labels from a matrix of coded numbers.
 *
 * @param values [N, C] row-major
 * @param columns C
 * @throws DataError on a number that is none of the codes, by row and class, or on an incomplete row
 */
export function decodeLabels(values: ArrayLike<number>, columns: number, codes: LabelCodes): Labels {
  const rows = values.length / columns;
  if (!Number.isInteger(rows)) {
    throw new DataError({
      where: 'decodeLabels',
      argument: 'values',
      expected: `whole rows of ${columns}`,
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

/** The inverse of {@link decodeLabels}: [N, C] row-major. */
export function encodeLabels({ present, known }: Labels, codes: LabelCodes): Int8Array {
  return Int8Array.from(present, (label, at) => {
    if (known?.[at] === 0) return codes.unknown;
    return label === 1 ? codes.present : codes.absent;
  });
}

/**
 * Labels from the present classes of each image; everything is known.
 *
 * @param lists [N] class indices, each below `columns`
 * @throws DataError on a class outside 0 … C − 1, by image
 */
export function labelsFromLists(lists: readonly ArrayLike<number>[], columns: number): Labels {
  const present = new Uint8Array(lists.length * columns);
  for (const [row, classes] of lists.entries()) {
    for (const c of Array.from(classes)) {
      if (!(Number.isInteger(c) && c >= 0 && c < columns)) {
        throw new DataError({
          where: 'labelsFromLists',
          argument: `lists[${row}]`,
          expected: `classes from 0 to ${columns - 1}`,
          received: `${c}`,
        });
      }
      present[row * columns + c] = 1;
    }
  }
  return { rows: lists.length, columns, present };
}
