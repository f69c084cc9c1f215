import { checkCount, checkNumber, checkOptionNames, DataError, type RandomStream, ShapeError } from '@ltml/tensor';

/** Options of {@link nearDuplicates}. */
export interface NearDuplicateOptions {
  /** D, the number of features of an image. */
  readonly columns: number;
  /**
   * Cosine similarity, in (0, 1], from which two images are near duplicates; default 0.98. It is taken after the mean
   * feature is subtracted.
   */
  readonly similarity?: number;
  /** The stream from which the random planes are drawn. */
  readonly random: RandomStream;
}

/** A group of images that look almost the same. */
export interface DuplicateGroup {
  /** Indices of the images, ascending; at least two. */
  readonly images: readonly number[];
  /** The smallest similarity among the pairs that connect the group. */
  readonly similarity: number;
}

/** Random planes for each image, hash tables, and how many preceding images in a table are compared. */
const [planes, tables, compared] = [128, 24, 16];

/**
 * Groups images whose features point in the same direction. Time and memory grow linearly with the number of images.
 * Images are hashed by the side of random planes on which they lie (locality-sensitive hashing), and each is compared
 * with those just before it in a hash table. A pair can be missed if its similarity is just at the border, or if very
 * many similar images lie together.
 *
 * @param features [N, D] features from an encoder, row-major
 * @returns the most similar group first, equal ones ordered by their first image
 * @throws ShapeError if the length is not a multiple of D; DataError on NaN and infinity; OptionError
 * Source: Charikar, Similarity estimation techniques from rounding algorithms (STOC 2002).
 */
export function nearDuplicates(features: Float32Array, options: NearDuplicateOptions): DuplicateGroup[] {
  checkOptionNames('nearDuplicates', options, ['columns', 'similarity', 'random']);
  const { columns, similarity = 0.98, random } = options;
  checkCount('nearDuplicates', 'options.columns', columns);
  checkNumber('nearDuplicates', 'options.similarity', similarity, { above: 0, max: 1 });
  checkFeatures(features, columns);
  const directions = centred(features, columns);
  const N = features.length / columns;
  const sides = sidesOf(directions, columns, random);
  const bits = Math.min(20, Math.max(4, Math.ceil(Math.log2(Math.max(N, 2)))));
  const links = new Links(N);
  for (let table = 0; table < tables; table++) {
    const chosen = Array.from({ length: bits }, () => random.integer(planes));
    const buckets = new Map<number, number[]>();
    for (let i = 0; i < N; i++) {
      const key = chosen.reduce((sum, plane) => 2 * sum + sides[i * planes + plane], 0);
      const bucket = buckets.get(key) ?? [];
      buckets.set(key, bucket);
      for (const other of bucket.slice(-compared)) {
        if (links.areTied(i, other)) continue;
        const cosine = dot(directions, columns, i, other);
        if (cosine >= similarity) links.tie(i, other, cosine);
      }
      bucket.push(i);
    }
  }
  return links.groups();
}

function checkFeatures(features: Float32Array, columns: number): void {
  if (features.length % columns !== 0) {
    const expected = `[N, D] with D = ${columns}`;
    throw new ShapeError({
      where: 'nearDuplicates',
      argument: 'features',
      expected,
      received: `${features.length} entries`,
    });
  }
  const bad = features.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new DataError({
    where: 'nearDuplicates',
    argument: 'features',
    expected: 'finite numbers',
    received: `${features[bad]} of image ${Math.floor(bad / columns)}`,
  });
}

/** The features minus their mean, scaled to length 1; a feature that equals the mean stays 0. */
function centred(features: Float32Array, columns: number): Float32Array {
  const rows = features.length / columns;
  const mean = new Float64Array(columns);
  for (let at = 0; at < features.length; at++) mean[at % columns] += features[at] / rows;
  const directions = new Float32Array(features.length);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let square = 0;
    for (let d = 0; d < columns; d++) square += (features[start + d] - mean[d]) ** 2;
    const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (let d = 0; d < columns; d++) directions[start + d] = (features[start + d] - mean[d]) * scale;
  }
  return directions;
}

/** [N, planes] 1 if an image lies on the upper side of a random plane. */
function sidesOf(directions: Float32Array, columns: number, random: RandomStream): Uint8Array {
  const normals = Float32Array.from({ length: planes * columns }, () => 2 * random.integer(2) - 1);
  const rows = directions.length / columns;
  const sides = new Uint8Array(rows * planes);
  for (let row = 0; row < rows; row++) {
    for (let plane = 0; plane < planes; plane++) {
      let sum = 0;
      for (let d = 0; d < columns; d++) sum += directions[row * columns + d] * normals[plane * columns + d];
      sides[row * planes + plane] = sum >= 0 ? 1 : 0;
    }
  }
  return sides;
}

function dot(directions: Float32Array, columns: number, i: number, j: number): number {
  let sum = 0;
  for (let d = 0; d < columns; d++) sum += directions[i * columns + d] * directions[j * columns + d];
  return sum;
}

/** Disjoint sets: images that are connected directly or through others are in one set. */
class Links {
  readonly #parents: Int32Array;
  /** The smallest similarity in the set of each root. */
  readonly #least: Float64Array;

  constructor(count: number) {
    this.#parents = Int32Array.from({ length: count }, (_, i) => i);
    this.#least = new Float64Array(count).fill(1);
  }

  areTied(i: number, j: number): boolean {
    return this.#root(i) === this.#root(j);
  }

  tie(i: number, j: number, similarity: number): void {
    const [a, b] = [this.#root(i), this.#root(j)].sort((x, y) => x - y);
    this.#least[a] = Math.min(this.#least[a], this.#least[b], similarity);
    this.#parents[b] = a;
  }

  groups(): DuplicateGroup[] {
    const members = new Map<number, number[]>();
    for (let i = 0; i < this.#parents.length; i++) {
      const root = this.#root(i);
      const images = members.get(root);
      if (images) images.push(i);
      else members.set(root, [i]);
    }
    return [...members]
      .filter(([, images]) => images.length > 1)
      .map(([root, images]) => ({ images, similarity: this.#least[root] }))
      .sort((a, b) => b.similarity - a.similarity || a.images[0] - b.images[0]);
  }

  #root(i: number): number {
    let root = i;
    while (this.#parents[root] !== root) root = this.#parents[root];
    // Points all of the path at the root, so that later searches are short.
    for (let at = i; at !== root; ) {
      const next = this.#parents[at];
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }
}
