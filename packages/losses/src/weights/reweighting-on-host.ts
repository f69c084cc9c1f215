import { expOfMinus } from '../core/host.ts';
import type { Reweighting } from './reweighting.ts';
import { effectiveNumber } from './statistics.ts';

/**
 * The weights of a rule, as {@link weightsByRule} gives them, for labels in host memory.
 *
 * @param labels B·C, row-major
 * @returns B·C weights
 */
export function weightsOnHost(
  labels: ArrayLike<number>,
  B: number,
  counts: readonly number[],
  trainCount: number,
  rule: Exclude<Reweighting, { by: 'none' }>,
): Float64Array {
  const C = counts.length;
  const weights = new Float64Array(B * C);
  const weigh = rowRule(rule, counts, trainCount);
  for (let b = 0; b < B; b++) weigh(labels, weights, b * C);
  return weights;
}

/** Divides by the largest weight of each row, or by the largest of all if `rows` is 1. */
export function normalizeOnHost(weights: Float64Array, rows: number): void {
  const length = weights.length / rows;
  for (let start = 0; start < weights.length; start += length) {
    let largest = 0;
    for (let i = start; i < start + length; i++) largest = Math.max(largest, weights[i]);
    for (let i = start; i < start + length; i++) weights[i] /= largest;
  }
}

/** Writes the weights of the row that starts at offset `start`. */
type RowRule = (labels: ArrayLike<number>, weights: Float64Array, start: number) => void;

function rowRule(rule: Exclude<Reweighting, { by: 'none' }>, counts: readonly number[], N: number): RowRule {
  switch (rule.by) {
    case 'inv':
      return ofClass(counts.map((n) => N / n));
    case 'sqrtInv':
      return ofClass(counts.map((n) => Math.sqrt(N / n)));
    case 'rebalance':
      return rebalance(counts, rule.alpha ?? 0.1, rule.beta ?? 10, rule.mu ?? 0.2);
    case 'classBalanced': {
      const { beta = 0.9, mode = 'averageW' } = rule;
      const inverse = (n: number): number => 1 / effectiveNumber(n, beta);
      if (mode === 'byClass') return ofClass(counts.map(inverse));
      const ofPositives = {
        averageW: (positives: number[]) => mean(positives.map((c) => inverse(counts[c]))),
        averageN: (positives: number[]) => inverse(mean(positives.map((c) => counts[c]))),
        minN: (positives: number[]) => inverse(positives.reduce((least, c) => Math.min(least, counts[c]), Infinity)),
      };
      return ofImage(counts.length, ofPositives[mode], 1 - beta);
    }
  }
}

function rebalance(counts: readonly number[], alpha: number, beta: number, mu: number): RowRule {
  const inverse = Float64Array.from(counts, (n) => 1 / n);
  return (labels, weights, start) => {
    let rate = 0;
    for (let c = 0; c < inverse.length; c++) rate += labels[start + c] * inverse[c];
    for (let c = 0; c < inverse.length; c++) {
      const t = beta * (inverse[c] / rate - mu);
      const e = expOfMinus(Math.abs(t));
      weights[start + c] = alpha + (rate > 0 ? (t >= 0 ? 1 : e) / (1 + e) : 1);
    }
  };
}

function ofClass(values: readonly number[]): RowRule {
  return (_labels, weights, start) => weights.set(values, start);
}

function ofImage(C: number, weigh: (positives: number[]) => number, empty: number): RowRule {
  return (labels, weights, start) => {
    const positives: number[] = [];
    for (let c = 0; c < C; c++) if (labels[start + c] > 0) positives.push(c);
    weights.fill(positives.length > 0 ? weigh(positives) : empty, start, start + C);
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
