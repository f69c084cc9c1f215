import { checkLabels, type Labels } from './labels.ts';

/** The labels of one image. A class in neither list is unknown. */
export interface LabelRow {
  /** Indices of the present classes, ascending. */
  readonly present: Int32Array;
  /** Indices of the absent classes, ascending; or `rest`: all that are not present. */
  readonly absent: Int32Array | 'rest';
}

/** Labels image by image. Memory grows with the number of labels given, not with images times classes. */
export interface SparseLabels {
  /** N, the number of images. */
  readonly rows: number;
  /** C, the number of classes. */
  readonly columns: number;
  /** The labels of one image, by its index. */
  row(index: number): LabelRow;
}

/**
 * Labels image by image, from either form; dense labels are checked.
 *
 * @throws DataError on dense labels other than 0 and 1, or of another length
 */
export function labelRows(where: string, labels: Labels | SparseLabels): SparseLabels {
  if ('row' in labels) return labels;
  checkLabels(where, labels);
  return sparseOf(labels);
}

/** Dense labels image by image. The arrays are read when a row is requested. */
export function sparseOf({ rows, columns, present, known }: Labels): SparseLabels {
  return {
    rows,
    columns,
    row(index) {
      const start = index * columns;
      const classes: number[] = [];
      const others: number[] = [];
      for (let c = 0; c < columns; c++) {
        if (known && known[start + c] !== 1) continue;
        if (present[start + c] === 1) classes.push(c);
        else if (known) others.push(c);
      }
      const isWhole = !known || classes.length + others.length === columns;
      return { present: Int32Array.from(classes), absent: isWhole ? 'rest' : Int32Array.from(others) };
    },
  };
}
