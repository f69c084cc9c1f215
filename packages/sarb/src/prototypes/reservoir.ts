import type { RandomStream } from '@ltml/tensor';

/** Keeps every vector up to a number, and from then on a uniform sample of all that came (Vitter 1985, algorithm R). */
export class Reservoir {
  readonly #most: number;
  readonly #random: RandomStream;
  readonly #rows: Float32Array[] = [];
  #seen = 0;

  constructor(most: number, random: RandomStream) {
    this.#most = most;
    this.#random = random;
  }

  /** Vectors kept. */
  get size(): number {
    return this.#rows.length;
  }

  /** Vectors that came. */
  get seen(): number {
    return this.#seen;
  }

  /** Takes a copy, if at all. */
  add(vector: Float32Array): void {
    this.#seen++;
    if (this.#rows.length < this.#most) {
      this.#rows.push(vector.slice());
      return;
    }
    const place = this.#random.integer(this.#seen);
    if (place < this.#most) this.#rows[place].set(vector);
  }

  /** The vectors kept, one after the other. */
  concatenated(): Float32Array {
    const [first] = this.#rows;
    const all = new Float32Array(this.#rows.length * (first?.length ?? 0));
    for (const [i, row] of this.#rows.entries()) all.set(row, i * row.length);
    return all;
  }
}
