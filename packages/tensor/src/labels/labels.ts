import { DataError } from '../errors.ts';
import { checkBits } from './check-bits.ts';

/**
 * Multi-label targets of a data set on the host, row-major.
 *
 * Label semantics are never guessed: whether a class is present and whether that is known are two arrays.
 */
export interface Labels {
  /** N, the number of images. */
  readonly rows: number;
  /** C, the number of classes. */
  readonly columns: number;
  /** [N, C] 1 present, 0 absent. Where `known` is 0 the entry means nothing. */
  readonly present: Uint8Array;
  /** [N, C] 1 annotated, 0 not; left out when everything is annotated. */
  readonly known?: Uint8Array;
}

/**
 * Checks that labels are complete and made of zeros and ones, in typed arrays or plain ones.
 *
 * @throws DataError naming the first bad entry by row and class; on booleans, too
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
