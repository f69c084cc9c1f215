import { checkCount, checkOptionNames, ShapeError } from '@ltml/tensor';
import { checkBits } from '@ltml/tensor/labels';
import { checkScoreMatrix, type Scores } from './scores.ts';

/** One batch of an evaluation, row-major. */
export interface ScoreBatch {
  /** [B, C] */
  readonly scores: ArrayLike<number>;
  /** [B, C] 1 present, 0 absent. */
  readonly labels: ArrayLike<number>;
  /** [B, C] 1 known, 0 not; default all known. */
  readonly known?: ArrayLike<number>;
}

/** Options of {@link ScoreAccumulator}. */
export interface ScoreAccumulatorOptions {
  /** C, the number of classes. */
  readonly columns: number;
  /** N, if you know it: the arrays then never have to grow. */
  readonly expectedRows?: number;
}

/**
 * Collects scores and labels batch by batch. It uses 6 bytes per entry, in arrays that double when they are full.
 *
 * ```ts
 * const gathered = new ScoreAccumulator({ columns: 20 });
 * for (const batch of batches) gathered.add(batch);
 * const perClass = averagePrecision(gathered.scores());
 * ```
 */
export class ScoreAccumulator {
  readonly #columns: number;
  #rows = 0;
  #scores: Float32Array;
  #present: Uint8Array;
  #known: Uint8Array;
  #allKnown = true;

  constructor(options: ScoreAccumulatorOptions) {
    checkOptionNames('ScoreAccumulator', options, ['columns', 'expectedRows']);
    const { columns, expectedRows = 64 } = options;
    checkCount('ScoreAccumulator', 'options.columns', columns);
    checkCount('ScoreAccumulator', 'options.expectedRows', expectedRows, { min: 0 });
    this.#columns = columns;
    this.#scores = new Float32Array(columns * expectedRows);
    this.#present = new Uint8Array(columns * expectedRows);
    this.#known = new Uint8Array(columns * expectedRows);
  }

  /**
   * Adds a batch. A refused batch changes nothing.
   *
   * @throws ShapeError if the arrays differ in length or do not hold whole rows; DataError on NaN and on labels other
   *   than 0 and 1, with the row counted from the start of the batch
   */
  add({ scores, labels, known }: ScoreBatch): void {
    const columns = this.#columns;
    const rows = scores.length / columns;
    for (const [argument, values] of Object.entries({ scores, labels, known: known ?? labels })) {
      if (Number.isInteger(rows) && values?.length === scores.length) continue;
      throw new ShapeError({
        where: 'ScoreAccumulator.add',
        argument,
        expected: Number.isInteger(rows) ? `[B, C] = [${rows}, ${columns}]` : `[B, C] with C = ${columns}`,
        received: values ? `${values.length} entries` : `${values}`,
      });
    }
    const where = 'ScoreAccumulator.add';
    // Checked before writing, because storing a label in a byte would turn a bad one into a valid one.
    checkScoreMatrix(where, { rows, columns, scores });
    checkBits(where, 'labels', labels, [rows, columns]);
    if (known) checkBits(where, 'known', known, [rows, columns]);
    const start = this.#rows * columns;
    this.#reserve(start + scores.length);
    this.#scores.set(scores, start);
    this.#present.set(labels, start);
    if (known) this.#known.set(known, start);
    else this.#known.fill(1, start, start + scores.length);
    this.#rows += rows;
    if (known) this.#allKnown &&= this.#known.subarray(start, start + scores.length).every((value) => value === 1);
  }

  /** Everything that was added, as views into the accumulator: no copy, valid until the next `add`. */
  scores(): Scores {
    const length = this.#rows * this.#columns;
    return {
      rows: this.#rows,
      columns: this.#columns,
      scores: this.#scores.subarray(0, length),
      present: this.#present.subarray(0, length),
      ...(this.#allKnown ? {} : { known: this.#known.subarray(0, length) }),
    };
  }

  #reserve(length: number): void {
    if (length <= this.#scores.length) return;
    const capacity = Math.max(length, 2 * this.#scores.length);
    this.#scores = grown(this.#scores, new Float32Array(capacity));
    this.#present = grown(this.#present, new Uint8Array(capacity));
    this.#known = grown(this.#known, new Uint8Array(capacity));
  }
}

function grown<T extends Float32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
