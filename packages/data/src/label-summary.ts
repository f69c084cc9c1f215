import type { SparseLabels } from '@ltml/tensor/labels';

/** What labels of a split come to. */
export interface LabelSummary {
  readonly images: number;
  /** [C] images that are known to have the class. */
  readonly positives: Int32Array;
  /** [C] images that are known not to have it. */
  readonly negatives: Int32Array;
  /** Images by how many present labels they have: [0] none, [1] one … */
  readonly labelsPerImage: readonly number[];
  /** Pairs of classes that images have together, most frequent first. */
  readonly pairs: readonly { readonly classes: readonly [number, number]; readonly images: number }[];
}

/** Counts labels. Cost: the labels that are said, and the square of the present ones of each image. */
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
      // Counted for all classes, and taken back for the present ones.
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
