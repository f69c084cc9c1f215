import type { DataSet, LabelledPictures, Pictures } from '@ltml/data';
import type { SparseLabels } from '@ltml/tensor/labels';

/** The images of one split with their labels. */
export interface ImageSet {
  /** Name of the split in messages. */
  readonly name: string;
  /** [C] names of the classes. */
  readonly classes: readonly string[];
  /** [N, C] */
  readonly labels: SparseLabels;
  /** The N images. */
  readonly images: Pictures;
}

/**
 * The images of a split, with as many classes as its labels have columns. For training these are the classes with
 * training images.
 */
export function imageSetOf({ classes }: DataSet, { name, labels, pictures }: LabelledPictures): ImageSet {
  return {
    name,
    classes: classes.slice(0, labels.columns).map((entry) => entry.name),
    labels,
    images: pictures,
  };
}
