import type { ImageSet } from '../build/image-set.ts';
import { UsageError } from '../usage-error.ts';

/**
 * Labels of a data set as those of a model: classes are found by name, in the model's order. Of a class that the data set
 * does not have nothing is known.
 *
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
  const { rows, columns, present: given, known: givenKnown } = images.labels;
  const present = new Uint8Array(rows * classes.length);
  const known = new Uint8Array(rows * classes.length);
  for (let c = 0; c < columns; c++) {
    const place = places.get(images.classes[c]) as number;
    for (let row = 0; row < rows; row++) {
      present[row * classes.length + place] = given[row * columns + c];
      known[row * classes.length + place] = givenKnown?.[row * columns + c] ?? 1;
    }
  }
  return { ...images, classes, labels: { rows, columns: classes.length, present, known } };
}
