import type { DataSet, LabelledPictures, Pictures } from '@ltml/data';
import type { SparseLabels } from '@ltml/tensor/labels';

/** The images of one split with their labels. */
export interface ImageSet {
  readonly name: string;
  readonly classes: readonly string[];
  readonly labels: SparseLabels;
  readonly images: Pictures;
}

/** Its classes are those that its labels have columns for: of training, the classes that training images show. */
export function imageSetOf({ classes }: DataSet, { name, labels, pictures }: LabelledPictures): ImageSet {
  return {
    name,
    classes: classes.slice(0, labels.columns).map((entry) => entry.name),
    labels,
    images: pictures,
  };
}
