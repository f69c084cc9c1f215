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
