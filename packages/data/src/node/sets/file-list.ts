import type { LabelRow } from '@ltml/tensor/labels';
import type { ClassList } from '../../data-set.ts';

/** A picture with its labels, as a folder or a list has it. */
export interface ListedPicture extends LabelRow {
  /** What the list calls it: an id, or a path. */
  readonly key: string;
  /** Below the root, divided by `/`. */
  readonly file: string;
  /** Where it lies. */
  readonly path: string;
  /** As the list has it, e.g. `val`; null where there are no splits. */
  readonly split: string | null;
  /** Where it is listed, e.g. `labels.csv, line 3`. */
  readonly place: string;
}

/** Pictures and labels of a data set in files; no picture has been opened. */
export interface FileList {
  readonly classes: ClassList;
  readonly pictures: readonly ListedPicture[];
}
