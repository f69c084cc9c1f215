/**
 * The losses in plain loops and doubles, written from the papers: slow, and nothing shared with the source.
 *
 * x are logits, y labels, both by image and class; n are class frequencies and N the number of training images.
 */
export type Matrix = readonly (readonly number[])[];

const softplus = (t: number): number => Math.max(t, 0) + Math.log1p(Math.exp(-Math.abs(t)));
const sigmoid = (t: number): number => (t >= 0 ? 1 / (1 + Math.exp(-t)) : Math.exp(t) / (1 + Math.exp(t)));
const entropy = (x: number, y: number): number => y * softplus(-x) + (1 - y) * softplus(x);

function entries(x: Matrix, f: (xi: number, b: number, c: number) => number): number[][] {
  return x.map((row, b) => row.map((xi, c) => f(xi, b, c)));
}

export function binaryCrossEntropy(x: Matrix, y: Matrix): number[][] {
  return entries(x, (xi, b, c) => entropy(xi, y[b][c]));
}

/** `v` enters the log-probability. */
export function focal(x: Matrix, y: Matrix, gamma: number, balance: number, v: Matrix): number[][] {
  return entries(x, (xi, b, c) => {
    const a = v[b][c] * entropy(xi, y[b][c]);
    return balance * (-Math.expm1(-a)) ** gamma * a;
  });
}

export interface Balanced {
  readonly n: readonly number[];
  readonly N: number;
  readonly alpha?: number;
  readonly beta?: number;
  readonly mu?: number;
  readonly kappa?: number;
  readonly lambda?: number;
  readonly gamma?: number;
  readonly balance?: number;
  readonly lossWeight?: number;
}

export function rebalancedWeight(
  y: readonly number[],
  i: number,
  { n, alpha = 0.1, beta = 10, mu = 0.2 }: Balanced,
): number {
  let rate = 0;
  for (let j = 0; j < n.length; j++) rate += y[j] / n[j];
  return rate === 0 ? 1 + alpha : alpha + sigmoid(beta * (1 / n[i] / rate - mu));
}

/** Equations 2–10 of Wu et al. as the paper writes them: a term for the positive and one for the negative label. */
export function distributionBalanced(x: Matrix, y: Matrix, options: Balanced): number[][] {
  const { n, N, kappa = 0.05, lambda = 2, gamma = 2, balance = 2, lossWeight = 1 } = options;
  return entries(x, (xi, b, c) => {
    const z = xi - kappa * Math.log(N / n[c] - 1);
    const u = y[b][c] === 1 ? z : lambda * z;
    const share = y[b][c] === 1 ? 1 : 1 / lambda;
    const cross = entropy(u, y[b][c]);
    const pt = Math.exp(-cross);
    return lossWeight * balance * (1 - pt) ** gamma * share * rebalancedWeight(y[b], c, options) * cross;
  });
}

export function ldam(x: Matrix, y: Matrix, n: readonly number[], maxMargin: number, scale: number): number[][] {
  const largest = Math.max(...n.map((count) => count ** -0.25));
  return entries(x, (xi, b, c) => {
    const margin = (maxMargin * n[c] ** -0.25) / largest;
    return entropy(scale * (xi - y[b][c] * margin), y[b][c]);
  });
}

export interface Asymmetric {
  readonly negative: number;
  readonly positive: number;
  readonly clip: number;
}

/** `at` are the logits of the focal factor: those of the loss, or fixed ones where it is constant. */
export function asymmetric(x: Matrix, y: Matrix, { negative, positive, clip }: Asymmetric, at: Matrix = x): number[][] {
  return entries(x, (xi, b, c) => {
    const p = sigmoid(xi);
    const fixed = sigmoid(at[b][c]);
    if (y[b][c] === 1) return -((1 - fixed) ** positive) * Math.log(Math.max(p, 1e-8));
    const shifted = Math.max(p - clip, 0);
    return -(Math.max(fixed - clip, 0) ** negative) * Math.log(Math.max(1 - shifted, 1e-8));
  });
}

function softmax(row: readonly number[]): number[] {
  const top = Math.max(...row);
  const total = row.reduce((sum, xi) => sum + Math.exp(xi - top), 0);
  return row.map((xi) => Math.exp(xi - top) / total);
}

export function kPositive(x: Matrix, y: Matrix): number[][] {
  return x.map((row, b) => {
    const p = softmax(row);
    const positives = y[b].reduce((sum, yi) => sum + yi, 0);
    return p.map((pi, c) => (y[b][c] === 1 ? -Math.log(pi) / positives : 0));
  });
}

export function asymmetricSingleLabel(
  x: Matrix,
  y: Matrix,
  positive: number,
  negative: number,
  smoothing: number,
): number[] {
  return x.map((row, b) => {
    const p = softmax(row);
    return p.reduce((sum, pi, c) => {
      const target = y[b][c] * (1 - smoothing) + smoothing / row.length;
      const factor = y[b][c] === 1 ? (1 - pi) ** positive : pi ** negative;
      return sum - target * factor * Math.log(pi);
    }, 0);
  });
}

/** Every pair of every image. `known` 0 keeps a class out of all pairs. */
export function ranking(x: Matrix, y: Matrix, known: Matrix, margin: number, averaged: boolean): number[] {
  return x.map((row, b) => {
    let hinges = 0;
    let violations = 0;
    for (let p = 0; p < row.length; p++) {
      for (let m = 0; m < row.length; m++) {
        if (y[b][p] !== 1 || y[b][m] !== 0 || known[b][p] !== 1 || known[b][m] !== 1) continue;
        const hinge = Math.max(0, margin + row[m] - row[p]);
        hinges += hinge;
        if (hinge > 0) violations++;
      }
    }
    return averaged ? (violations > 0 ? hinges / violations : 0) : hinges;
  });
}

export function hill(x: Matrix, y: Matrix, lambda: number, margin: number, gamma: number): number[][] {
  return entries(x, (xi, b, c) => {
    const q = sigmoid(xi - margin);
    const p = sigmoid(xi);
    return y[b][c] === 1 ? (1 - q) ** gamma * softplus(margin - xi) : (lambda - p) * p * p;
  });
}

export interface SelfPaced {
  readonly threshold: number;
  readonly margin: number;
  readonly gamma: number;
}

/** `at` are the logits that correct the labels. */
export function splc(x: Matrix, y: Matrix, { threshold, margin, gamma }: SelfPaced, at: Matrix = x): number[][] {
  return entries(x, (xi, b, c) => {
    const present = y[b][c] === 1 || sigmoid(at[b][c]) > threshold;
    const s = sigmoid(xi - margin * y[b][c]);
    return present ? (1 - s) ** gamma * softplus(margin * y[b][c] - xi) : s ** gamma * softplus(xi);
  });
}

export interface MultiGrained extends Asymmetric {
  readonly exponent: number;
}

/** `at` are the logits of the focal factor: those of the loss, or fixed ones where it is constant. */
export function multiGrained(
  x: Matrix,
  y: Matrix,
  n: readonly number[],
  { negative, positive, clip, exponent }: MultiGrained,
  at: Matrix = x,
): number[][] {
  return entries(x, (xi, b, c) => {
    const w = (1 - Math.log(n[c] / Math.max(...n))) ** exponent;
    if (y[b][c] === 1) return -w * (1 - sigmoid(at[b][c])) ** positive * Math.log(Math.max(sigmoid(xi), 1e-8));
    const q = (t: number): number => Math.min(sigmoid(-t) + clip, 1);
    return -w * (1 - q(at[b][c])) ** (negative + w) * Math.log(Math.max(q(xi), 1e-8));
  });
}

export function balancedSoftmax(x: Matrix, y: Matrix, n: readonly number[], tau: number): number[] {
  return x.map((row, b) => {
    const p = softmax(row.map((xi, c) => xi + tau * Math.log(n[c])));
    const labels = y[b].reduce((sum, yi) => sum + yi, 0);
    return p.reduce((sum, pi, c) => (y[b][c] === 1 ? sum - Math.log(pi) / labels : sum), 0);
  });
}

/** Lines of logits and labels; `known` 0 keeps an entry out. */
function twoWayLine(x: readonly number[], y: readonly number[], known: readonly number[], T: TwoWay): number {
  const sum = (kind: number, scale: number): number =>
    x.reduce((total, xi, i) => (known[i] === 1 && y[i] === kind ? total + Math.exp(xi * scale) : total), 0);
  const [low, high] = [sum(0, 1 / T.negative), sum(1, -1 / T.positive)];
  return low === 0 ? 0 : softplus(T.negative * Math.log(low) + T.positive * Math.log(high));
}

export interface TwoWay {
  readonly positive: number;
  readonly negative: number;
}

export function twoWayRows(x: Matrix, y: Matrix, known: Matrix, T: TwoWay): number {
  const counted = x.flatMap((row, b) =>
    row.some((_, c) => y[b][c] === 1 && known[b][c] === 1) ? [twoWayLine(row, y[b], known[b], T)] : [],
  );
  return counted.reduce((sum, value) => sum + value, 0) / Math.max(counted.length, 1);
}

export function transposed(x: Matrix): number[][] {
  return (x[0] ?? []).map((_, c) => x.map((row) => row[c]));
}

export function ladeRegularizer(x: Matrix, y: Matrix, n: readonly number[], lambda: number): number {
  const [B, C] = [x.length, n.length];
  const total = n.reduce((sum, count) => sum + count, 0);
  return -n.reduce((sum, count, c) => {
    const share = count / total;
    const images = y.reduce((m, row) => m + row[c], 0);
    const own = x.reduce((a, row, b) => a + y[b][c] * row[c], 0) / (images + 1e-8);
    const mean = x.reduce((a, row) => a + Math.exp(row[c]), 0) / B;
    const s = Math.log(mean) - Math.log(share + 1e-9) + Math.log(1 / C + 1e-9);
    return sum + share * (own - s - lambda * s * s);
  }, 0);
}
