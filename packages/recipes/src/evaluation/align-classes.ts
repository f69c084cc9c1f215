import type { LabelRow } from '@ltml/tensor/labels';
import type { ImageSet } from '../build/image-set.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Rewrites the labels of a data set for the classes of a model. Classes are matched by name and put in the model's
 * order. Classes that the data set lacks are unknown.
 *
 * @param images of the data set
 * @param classes of the model
 * @throws UsageError if the data set has a class that the model does not know
 */
export function alignClasses(images: ImageSet, classes: readonly string[]): ImageSet {
  if (images.classes.join('\n') === classes.join('\n')) return images;
  const places = new Map(classes.map((name, place) => [name, place]));
  const strangers = images.classes.filter((name) => !places.has(name));
  if (strangers.length > 0) {
    const shown = strangers.slice(0, 5).map((name) => `"${name}"`);
    const rest = strangers.length > 5 ? `, and ${strangers.length - 5} more` : '';
    throw new UsageError(`the data has classes that the model does not know: ${shown.join(', ')}${rest}`);
  }
  const { labels } = images;
  const placed = (list: ArrayLike<number>): Int32Array =>
    Int32Array.from(list, (c) => places.get(images.classes[c]) as number).sort();
  const others = images.classes.map((_, c) => c);
  const row = (index: number): LabelRow => {
    const { present, absent } = labels.row(index);
    const isPresent = new Set(present);
    return {
      present: placed(present),
      absent: placed(absent === 'rest' ? others.filter((c) => !isPresent.has(c)) : absent),
    };
  };
  return { ...images, classes, labels: { rows: labels.rows, columns: classes.length, row } };
}
