import type { Pair } from '@ltml/tensor';

// The definitions in plain loops and doubles, written from the formulas of the docstrings.

export interface ConvolutionCase {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly stride?: Pair;
  readonly padding?: Pair;
  readonly dilation?: Pair;
  readonly groups?: number;
}

/** y = Σ taps; with dy also the gradients of Σ dy · y. */
export function convolveOracle(
  x: ArrayLike<number>,
  filter: ArrayLike<number>,
  { x: [B, H, W, I], filter: [kH, kW, J, O], ...options }: ConvolutionCase,
  dy?: ArrayLike<number>,
): { shape: number[]; y: Float64Array; dx: Float64Array; dFilter: Float64Array } {
  const [sH, sW] = both(options.stride ?? 1);
  const [pH, pW] = both(options.padding ?? 0);
  const [dH, dW] = both(options.dilation ?? 1);
  const groups = options.groups ?? 1;
  const outH = Math.floor((H + 2 * pH - dH * (kH - 1) - 1) / sH) + 1;
  const outW = Math.floor((W + 2 * pW - dW * (kW - 1) - 1) / sW) + 1;
  const y = new Float64Array(B * outH * outW * O);
  const dx = new Float64Array(x.length);
  const dFilter = new Float64Array(filter.length);
  for (let b = 0; b < B; b++)
    for (let r = 0; r < outH; r++)
      for (let q = 0; q < outW; q++)
        for (let o = 0; o < O; o++) {
          const at = ((b * outH + r) * outW + q) * O + o;
          const group = Math.floor(o / (O / groups));
          for (let i = 0; i < kH; i++)
            for (let j = 0; j < kW; j++) {
              const row = r * sH + i * dH - pH;
              const column = q * sW + j * dW - pW;
              if (row < 0 || row >= H || column < 0 || column >= W) continue;
              for (let c = 0; c < J; c++) {
                const from = ((b * H + row) * W + column) * I + group * J + c;
                const tap = ((i * kW + j) * J + c) * O + o;
                y[at] += x[from] * filter[tap];
                if (!dy) continue;
                dx[from] += dy[at] * filter[tap];
                dFilter[tap] += dy[at] * x[from];
              }
            }
        }
  return { shape: [B, outH, outW, O], y, dx, dFilter };
}

function both(pair: Pair): readonly [number, number] {
  return typeof pair === 'number' ? [pair, pair] : pair;
}

export interface PoolCase {
  readonly x: readonly number[];
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly padding?: Pair;
}

/** One value for each window and channel, from the cells of the window that lie in the image. */
export function poolOracle(
  x: ArrayLike<number>,
  { x: [B, H, W, C], kernel, ...options }: PoolCase,
  reduce: (cells: number[], windowSize: number) => number,
): number[] {
  const [kH, kW] = both(kernel);
  const [sH, sW] = both(options.stride ?? kernel);
  const [pH, pW] = both(options.padding ?? 0);
  const y: number[] = [];
  for (let b = 0; b < B; b++)
    for (let top = -pH; top + kH <= H + pH; top += sH)
      for (let left = -pW; left + kW <= W + pW; left += sW)
        for (let c = 0; c < C; c++) {
          const cells: number[] = [];
          for (let row = top; row < top + kH; row++)
            for (let column = left; column < left + kW; column++)
              if (row >= 0 && row < H && column >= 0 && column < W) cells.push(x[((b * H + row) * W + column) * C + c]);
          y.push(reduce(cells, kH * kW));
        }
  return y;
}

/** γ · (x − m) / √(v + ε) + β over the columns of [N, C]. */
export function batchNormOracle(
  x: Float64Array,
  gamma: Float64Array,
  beta: Float64Array,
  epsilon: number,
): { y: Float64Array; mean: number[]; variance: number[] } {
  const C = gamma.length;
  const N = x.length / C;
  const y = new Float64Array(x.length);
  const mean: number[] = [];
  const variance: number[] = [];
  for (let c = 0; c < C; c++) {
    mean[c] = 0;
    variance[c] = 0;
    for (let n = 0; n < N; n++) mean[c] += x[n * C + c] / N;
    for (let n = 0; n < N; n++) variance[c] += (x[n * C + c] - mean[c]) ** 2 / N;
    for (let n = 0; n < N; n++) {
      y[n * C + c] = (gamma[c] * (x[n * C + c] - mean[c])) / Math.sqrt(variance[c] + epsilon) + beta[c];
    }
  }
  return { y, mean, variance };
}

/** γ · (x − m) / √(v + ε) + β over the rows of [N, D]. */
export function layerNormOracle(x: Float64Array, gamma: Float64Array, beta: Float64Array, epsilon: number): number[] {
  return rowsOf(x, gamma.length).flatMap((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value, d) => (gamma[d] * (value - mean)) / Math.sqrt(variance + epsilon) + beta[d]);
  });
}

export function logSoftmaxOracle(x: Float64Array, C: number): number[] {
  return rowsOf(x, C).flatMap((row) => {
    const largest = Math.max(...row);
    const logSum = Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    return row.map((value) => value - largest - logSum);
  });
}

export function l2NormalizeOracle(x: Float64Array, D: number, epsilon: number): number[] {
  return rowsOf(x, D).flatMap((row) => {
    const norm = Math.hypot(...row);
    return row.map((value) => value / Math.max(norm, epsilon));
  });
}

/** Φ(x): Taylor series of the integral of the density in the middle, Lentz' continued fraction of Mills' ratio outside. */
export function normalDistributionOracle(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; n < 100; n++) {
      term *= (x * x) / (2 * n + 1);
      sum += term;
    }
    return 0.5 + density * sum;
  }
  let fraction = 0;
  for (let n = 200; n >= 1; n--) fraction = n / (Math.abs(x) + fraction);
  const tail = density / (Math.abs(x) + fraction);
  return x > 0 ? 1 - tail : tail;
}

function rowsOf(x: Float64Array, length: number): number[][] {
  return Array.from({ length: x.length / length }, (_, row) =>
    Array.from(x.subarray(row * length, (row + 1) * length)),
  );
}

export interface AttentionCase {
  readonly B: number;
  readonly M: number;
  readonly L: number;
  readonly D: number;
  readonly E: number;
  readonly heads: number;
  readonly causal: boolean;
}

/** One head, image and query after the other. */
export function attentionOracle(
  q: ArrayLike<number>,
  k: ArrayLike<number>,
  v: ArrayLike<number>,
  { B, M, L, D, E, heads, causal }: AttentionCase,
): Float64Array {
  const [d, e] = [D / heads, E / heads];
  const y = new Float64Array(B * M * E);
  for (let b = 0; b < B; b++)
    for (let h = 0; h < heads; h++)
      for (let m = 0; m < M; m++) {
        const seen = causal ? m + 1 : L;
        const scores = Array.from({ length: seen }, (_, l) => {
          let score = 0;
          for (let i = 0; i < d; i++) score += q[(b * M + m) * D + h * d + i] * k[(b * L + l) * D + h * d + i];
          return score / Math.sqrt(d);
        });
        const top = Math.max(...scores);
        const total = scores.reduce((sum, score) => sum + Math.exp(score - top), 0);
        for (const [l, score] of scores.entries())
          for (let i = 0; i < e; i++)
            y[(b * M + m) * E + h * e + i] += (Math.exp(score - top) / total) * v[(b * L + l) * E + h * e + i];
      }
  return y;
}
