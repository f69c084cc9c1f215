import type { RandomStream } from '@ltml/tensor';

/** Keeps a uniform sample of at most `most` of all added vectors (reservoir sampling; Vitter 1985, algorithm R). */
export class Reservoir {
  readonly #most: number;
  readonly #random: RandomStream;
  readonly #rows: Float32Array[] = [];
  #seen = 0;

  constructor(most: number, random: RandomStream) {
    this.#most = most;
    this.#random = random;
  }

  /** Number of vectors kept. */
  get size(): number {
    return this.#rows.length;
  }

  /** Number of vectors added. */
  get seen(): number {
    return this.#seen;
  }

  /** Adds a vector. If the sample includes it, a copy is kept. */
  add(vector: Float32Array): void {
    this.#seen++;
    if (this.#rows.length < this.#most) {
      this.#rows.push(vector.slice());
      return;
    }
    const place = this.#random.integer(this.#seen);
    if (place < this.#most) this.#rows[place].set(vector);
  }

  /** All kept vectors in one array. */
  concatenated(): Float32Array {
    const [first] = this.#rows;
    const all = new Float32Array(this.#rows.length * (first?.length ?? 0));
    for (const [i, row] of this.#rows.entries()) all.set(row, i * row.length);
    return all;
  }
}
