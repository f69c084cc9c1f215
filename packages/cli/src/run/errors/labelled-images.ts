import type { Scores } from '@ltml/metrics';
import type { ImageSet, ScoresAndFeatures } from '@ltml/recipes/node';

/** Images of one or more splits, with the model's scores and features. */
export interface LabelledImages extends ScoresAndFeatures {
  /** [N] keys of the images in the data set */
  readonly keys: readonly string[];
  /** [N] name of the split of each image */
  readonly splits: readonly string[];
}

/** Images of one split, with the model's scores and features. */
export interface SplitImages extends ScoresAndFeatures {
  readonly name: string;
  readonly images: ImageSet;
}

/** Joins the images of several splits, in order. An image that is in several splits counts once, in the first. */
export function joinImages(parts: readonly SplitImages[]): LabelledImages {
  const places = new Map<string, { readonly part: SplitImages; readonly row: number }>();
  for (const part of parts) {
    for (let row = 0; row < part.scores.rows; row++) {
      const key = part.images.images.key(row);
      if (!places.has(key)) places.set(key, { part, row });
    }
  }
  const chosen = [...places.values()];
  const { columns } = parts[0];
  const features = new Float32Array(chosen.length * columns);
  for (const [i, { part, row }] of chosen.entries()) {
    features.set(part.features.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return {
    keys: [...places.keys()],
    splits: chosen.map(({ part }) => part.name),
    scores: joinScores(chosen.map(({ part, row }) => ({ scores: part.scores, row }))),
    features,
    columns,
  };
}

function joinScores(chosen: readonly { readonly scores: Scores; readonly row: number }[]): Scores {
  const columns = chosen[0]?.scores.columns ?? 0;
  const size = chosen.length * columns;
  const joined = { scores: new Float32Array(size), present: new Uint8Array(size), known: new Uint8Array(size) };
  for (const [i, { scores, row }] of chosen.entries()) {
    const [from, to] = [row * columns, (row + 1) * columns];
    joined.scores.set(scores.scores.subarray(from, to), i * columns);
    joined.present.set(scores.present.subarray(from, to), i * columns);
    if (scores.known) joined.known.set(scores.known.subarray(from, to), i * columns);
    else joined.known.fill(1, i * columns, (i + 1) * columns);
  }
  return { rows: chosen.length, columns, ...joined };
}
