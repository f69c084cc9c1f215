import { DataError } from '@ltml/tensor';
import type { LabelRow, SparseLabels } from '@ltml/tensor/labels';

/** Largest number of labels in a set, because positions are 32-bit integers. */
const most = 2 ** 31 - 1;

/** A growing list of whole numbers; its memory doubles when it is full. */
class Integers {
  #values = new Int32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      if (this.length >= most) {
        throw new DataError({ where: 'LabelRows', argument: 'labels', expected: `at most ${most}`, received: 'more' });
      }
      const larger = new Int32Array(Math.min(most, 2 * this.length));
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  pushAll(list: ArrayLike<number>): void {
    for (let i = 0; i < list.length; i++) this.push(list[i]);
  }

  /** The numbers without copying; call it once, at the end. */
  take(): Int32Array {
    return this.#values.subarray(0, this.length);
  }
}

/**
 * Collects labels image by image in a few arrays. They take 4 bytes per given label and 9 per image; up to three times
 * as much while they grow.
 */
export class LabelRows {
  readonly #columns: number;
  readonly #present = new Integers();
  readonly #absent = new Integers();
  readonly #ends = new Integers();
  readonly #isWhole = new Integers();

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Adds the labels of an image: ascending classes below the number of columns. They are copied. */
  push({
    present,
    absent,
  }: {
    readonly present: ArrayLike<number>;
    readonly absent: ArrayLike<number> | 'rest';
  }): void {
    this.#present.pushAll(present);
    if (absent !== 'rest') this.#absent.pushAll(absent);
    this.#ends.push(this.#present.length);
    this.#ends.push(this.#absent.length);
    this.#isWhole.push(absent === 'rest' ? 1 : 0);
  }

  /** The collected labels. Do not push after this call. */
  labels(): SparseLabels {
    const [present, absent, ends] = [this.#present.take(), this.#absent.take(), this.#ends.take()];
    const isWhole = Uint8Array.from(this.#isWhole.take());
    const start = (index: number, list: 0 | 1): number => (index === 0 ? 0 : ends[2 * index - 2 + list]);
    return {
      rows: isWhole.length,
      columns: this.#columns,
      row: (index): LabelRow => ({
        present: present.subarray(start(index, 0), ends[2 * index]),
        absent: isWhole[index] === 1 ? 'rest' : absent.subarray(start(index, 1), ends[2 * index + 1]),
      }),
    };
  }
}
