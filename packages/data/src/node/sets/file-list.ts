import type { LabelRow } from '@ltml/tensor/labels';
import type { ClassList } from '../../data-set.ts';

/** A picture with its labels, as a folder or a list gives it. */
export interface ListedPicture extends LabelRow {
  /** Its name in the list: an id, or a path. */
  readonly key: string;
  /** Path below the root, separated by `/`. */
  readonly file: string;
  /** Full path of the file. */
  readonly path: string;
  /** The split as the list names it, e.g. `val`; null if there are no splits. */
  readonly split: string | null;
  /** The place in the list, e.g. `labels.csv, line 3`. */
  readonly place: string;
}

/** The pictures and labels of a data set in files. No picture has been opened yet. */
export interface FileList {
  readonly classes: ClassList;
  readonly pictures: readonly ListedPicture[];
}
