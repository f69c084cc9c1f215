import type { ImageBatch, Mix } from '@ltml/data';
import type { Picture } from '@ltml/images';
import type { RandomStreams } from '@ltml/tensor';
import type { Labels } from '@ltml/tensor/labels';

/** A mixed picture with its labels. */
export interface MixedPicture {
  readonly picture: Picture;
  /** Classes with a label above 0, the largest label first. */
  readonly present: readonly { readonly label: number; readonly class: string }[];
  /** Number of classes whose label is unknown. */
  readonly unknown: number;
}

/**
 * Mixes pictures as one batch, as training does.
 *
 * @param pictures of one size, RGB from 0 to 255
 * @param labels of the same images, in the same order
 */
export function mixedPictures(
  mix: Mix,
  pictures: readonly Picture[],
  labels: Labels,
  { classes, random }: { readonly classes: readonly string[]; readonly random: RandomStreams },
): readonly MixedPicture[] {
  const batch = batchOf(pictures, labels);
  const mixed = mix(batch, (row) => random.derive('mix', 0, row));
  const { height, width } = batch;
  const size = height * width * 3;
  return pictures.map((_, row) => {
    const known = mixed.known.subarray(row * labels.columns, (row + 1) * labels.columns);
    const ofRow = mixed.labels.subarray(row * labels.columns, (row + 1) * labels.columns);
    return {
      picture: { height, width, pixels: mixed.values.subarray(row * size, (row + 1) * size) },
      present: classes
        .map((name, c) => ({ class: name, label: ofRow[c] }))
        .filter(({ label }) => label > 0)
        .sort((a, b) => b.label - a.label),
      unknown: known.filter((isKnown) => isKnown === 0).length,
    };
  });
}

function batchOf(pictures: readonly Picture[], { rows, columns, present, known }: Labels): ImageBatch {
  const [{ height, width }] = pictures;
  const values = new Float32Array(rows * height * width * 3);
  for (const [row, { pixels }] of pictures.entries()) values.set(pixels, row * height * width * 3);
  const marks = Float32Array.from(present, (_, at) => known?.[at] ?? 1);
  return { rows, columns, height, width, values, labels: marks.map((mark, at) => mark * present[at]), known: marks };
}
