/** Predictions of about the same probability. */
export interface ReliabilityBin {
  /** Number of predictions. */
  readonly count: number;
  /** Mean probability; 0 for an empty bin. */
  readonly probability: number;
  /** Share of the predictions that are correct; 0 for an empty bin. */
  readonly frequency: number;
}

/**
 * Sorts probabilities into M bins of equal width, (0, 1/M], (1/M, 2/M] … A border belongs to the lower bin, and 0 to
 * the first.
 */
export class BinCounter {
  readonly #counts: Float64Array;
  readonly #probabilities: Float64Array;
  readonly #right: Float64Array;

  /** @param bins M, the number of bins */
  constructor(bins: number) {
    this.#counts = new Float64Array(bins);
    this.#probabilities = new Float64Array(bins);
    this.#right = new Float64Array(bins);
  }

  /** Adds a prediction. @param right 1 if it is correct, else 0 */
  add(probability: number, right: number): void {
    const bin = binOf(probability, this.#counts.length);
    this.#counts[bin]++;
    this.#probabilities[bin] += probability;
    this.#right[bin] += right;
  }

  /** The bins, from probability 0 to 1. */
  bins(): ReliabilityBin[] {
    return Array.from(this.#counts, (count, bin) => ({
      count,
      probability: this.#probabilities[bin] / Math.max(count, 1),
      frequency: this.#right[bin] / Math.max(count, 1),
    }));
  }
}

/** The number of m in 1 … M − 1 with m/M < p. */
function binOf(p: number, M: number): number {
  let bin = Math.min(M - 1, Math.floor(p * M));
  // The multiplication may have rounded across a border.
  while (bin > 0 && !(bin / M < p)) bin--;
  while (bin + 1 < M && (bin + 1) / M < p) bin++;
  return bin;
}

/** Mean over all predictions of the gap between probability and frequency of their bin; 0 without any. */
export function meanGap(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  return bins.reduce((sum, bin) => sum + (bin.count / Math.max(total, 1)) * gapOf(bin), 0);
}

/** The largest gap of a bin that is not empty; 0 if all are empty. */
export function largestGap(bins: readonly ReliabilityBin[]): number {
  return bins.reduce((largest, bin) => Math.max(largest, gapOf(bin)), 0);
}

function gapOf({ probability, frequency }: ReliabilityBin): number {
  return Math.abs(frequency - probability);
}
