import type { SparseLabels } from '@ltml/tensor/labels';

/** Counts over the labels of a split. */
export interface LabelSummary {
  readonly images: number;
  /** [C] number of images that are known to have the class. */
  readonly positives: Int32Array;
  /** [C] number of images that are known not to have the class. */
  readonly negatives: Int32Array;
  /** Number of images with 0, 1, 2 … present labels. */
  readonly labelsPerImage: readonly number[];
  /** Pairs of classes that occur in the same image, most frequent first. */
  readonly pairs: readonly { readonly classes: readonly [number, number]; readonly images: number }[];
}

/** Counts labels. Cost: linear in the given labels, plus the square of the number of present labels of each image. */
export function summarizeLabels(labels: SparseLabels): LabelSummary {
  const { rows, columns } = labels;
  const positives = new Int32Array(columns);
  const negatives = new Int32Array(columns);
  const labelsPerImage: number[] = [];
  const together = new Map<number, number>();
  let allTold = 0;
  for (let row = 0; row < rows; row++) {
    const { present, absent } = labels.row(row);
    for (const c of present) positives[c]++;
    if (absent === 'rest') {
      // Counted for all classes, then subtracted for the present ones.
      allTold++;
      for (const c of present) negatives[c]--;
    } else for (const c of absent) negatives[c]++;
    labelsPerImage[present.length] = (labelsPerImage[present.length] ?? 0) + 1;
    for (const [i, a] of present.entries()) {
      for (const b of present.subarray(i + 1)) {
        const pair = a * columns + b;
        together.set(pair, (together.get(pair) ?? 0) + 1);
      }
    }
  }
  const pairs = [...together]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([pair, images]) => ({ classes: [Math.floor(pair / columns), pair % columns] as const, images }));
  return {
    images: rows,
    positives,
    negatives: negatives.map((count) => count + allTold),
    labelsPerImage: Array.from(labelsPerImage, (count) => count ?? 0),
    pairs,
  };
}
