import { checkCount, checkNumber, checkOptionNames, DataError, type RandomStream, ShapeError } from '@ltml/tensor';

export interface NearDuplicateOptions {
  /** D, features of an image. */
  readonly columns: number;
  /** Cosine from which two images are near duplicates, of features minus their mean; default 0.98. */
  readonly similarity?: number;
  /** Where the random directions are drawn from. */
  readonly random: RandomStream;
}

/** Images that show about the same. */
export interface DuplicateGroup {
  /** Ascending; two at least. */
  readonly images: readonly number[];
  /** The least similarity of the pairs that tie the group together. */
  readonly similarity: number;
}

/** Sides of random planes that are known of an image, tables that it is looked up in, and places before it that are compared. */
const [planes, tables, compared] = [128, 24, 16];

/**
 * Groups images whose features point the same way. Time and memory grow linearly with their number: images are compared that
 * fall on the same sides of random planes (locality-sensitive hashing), with those just before them there. A pair whose
 * similarity is just at the border, or that lies in a crowd of others like it, may be missed.
 *
 * @param features [N, D] of an encoder, row-major
 * @returns the most similar group first, of equal ones by their first image
 * @throws ShapeError unless they are whole rows; DataError on what is not finite; OptionError
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

/** Features minus their mean, of length 1; features that are the mean itself stay 0. */
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

/** [N, planes] 1 where an image lies on the upper side of a random plane. */
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

/** Images that are tied together, directly or by others: disjoint sets. */
class Links {
  readonly #parents: Int32Array;
  /** Of the set whose root it is. */
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
    // So that ways stay short.
    for (let at = i; at !== root; ) {
      const next = this.#parents[at];
      this.#parents[at] = root;
      at = next;
    }
    return root;
  }
}
