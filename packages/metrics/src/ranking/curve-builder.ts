import type { RankingCurve } from './ranking-curve.ts';

/** Builds ranking curves one after another in the same memory, from images in descending order of score. */
export class CurveBuilder {
  readonly #truePositives: Int32Array;
  readonly #retrieved: Int32Array;
  #points = 0;
  #correct = 0;
  #all = 0;

  /** @param capacity the largest number of images of a class */
  constructor(capacity: number) {
    this.#truePositives = new Int32Array(capacity);
    this.#retrieved = new Int32Array(capacity);
  }

  /** Starts a new curve. */
  start(): void {
    this.#points = 0;
    this.#correct = 0;
    this.#all = 0;
  }

  /** Adds the next image, or `times` copies of it. */
  add(times: number, present: number): void {
    this.#all += times;
    this.#correct += times * present;
  }

  /** Ends a group of equal scores: the next image has another score. */
  endTies(): void {
    const before = this.#points === 0 ? 0 : this.#truePositives[this.#points - 1];
    if (this.#correct === before) return;
    this.#truePositives[this.#points] = this.#correct;
    this.#retrieved[this.#points++] = this.#all;
  }

  /** The curve so far; valid until the next {@link start}. */
  curve(): RankingCurve {
    return {
      positives: this.#correct,
      truePositives: this.#truePositives.subarray(0, this.#points),
      retrieved: this.#retrieved.subarray(0, this.#points),
    };
  }
}
