import { DataError } from '../errors.ts';
import { checkBits } from './check-bits.ts';

/**
 * Multi-label labels of a data set in host memory, row-major.
 *
 * Presence and knowledge are two arrays: there is no special value such as −1 for unknown.
 */
export interface Labels {
  /** N, the number of images. */
  readonly rows: number;
  /** C, the number of classes. */
  readonly columns: number;
  /** [N, C] 1 present, 0 absent. Where `known` is 0 the entry has no meaning. */
  readonly present: Uint8Array;
  /** [N, C] 1 known, 0 not; left out if everything is known. */
  readonly known?: Uint8Array;
}

/**
 * Checks that labels have the right length and consist of zeros and ones, in typed or plain arrays.
 *
 * @throws DataError naming row and class of the first bad entry; booleans are refused too
 */
export function checkLabels(where: string, labels: Labels): void {
  const { rows, columns } = labels;
  for (const [argument, count] of Object.entries({ rows, columns })) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new DataError({
      where,
      argument: `labels.${argument}`,
      expected: 'a whole number from 0',
      received: `${count}`,
    });
  }
  for (const argument of ['present', 'known'] as const) {
    const values = labels[argument];
    if (argument === 'known' && values === undefined) continue;
    if (values?.length !== rows * columns) {
      throw new DataError({
        where,
        argument: `labels.${argument}`,
        expected: `${rows} × ${columns} = ${rows * columns} entries long`,
        received: values ? `${values.length} entries` : `${values}`,
      });
    }
    checkBits(where, `labels.${argument}`, values, [rows, columns]);
  }
}
