import type { RankingCurve } from './ranking-curve.ts';

/** Builds ranking curves one after another in the same memory, from images in descending order of score. */
export class CurveBuilder {
  readonly #truePositives: Int32Array;
  readonly #retrieved: Int32Array;
  #points = 0;
  #correct = 0;
  #all = 0;

  /** @param capacity the images a class can have */
  constructor(capacity: number) {
    this.#truePositives = new Int32Array(capacity);
    this.#retrieved = new Int32Array(capacity);
  }

  start(): void {
    this.#points = 0;
    this.#correct = 0;
    this.#all = 0;
  }

  /** The next image, or `times` copies of it. */
  add(times: number, present: number): void {
    this.#all += times;
    this.#correct += times * present;
  }

  /** The next image has another score. */
  endTies(): void {
    const before = this.#points === 0 ? 0 : this.#truePositives[this.#points - 1];
    if (this.#correct === before) return;
    this.#truePositives[this.#points] = this.#correct;
    this.#retrieved[this.#points++] = this.#all;
  }

  /** Valid until the next {@link start}. */
  curve(): RankingCurve {
    return {
      positives: this.#correct,
      truePositives: this.#truePositives.subarray(0, this.#points),
      retrieved: this.#retrieved.subarray(0, this.#points),
    };
  }
}
