import type { RandomStream } from '@ltml/tensor';

/**
 * Draws from Beta(α, α), a number in [0, 1], for any α > 0: the ratio of two gamma variables. It computes with their
 * logarithms, so that a small α gives shares near 0 and 1 and never 0/0.
 */
export function symmetricBeta(alpha: number, random: RandomStream): number {
  const [a, b] = [logGamma(alpha, random), logGamma(alpha, random)];
  return 1 / (1 + Math.exp(b - a));
}

/**
 * Logarithm of a draw from Gamma(α, 1), computed as a draw from Gamma(α + 1, 1) times U^(1/α).
 *
 * Source: Marsaglia and Tsang, A simple method for generating gamma variables, 2000.
 */
function logGamma(alpha: number, random: RandomStream): number {
  const d = alpha + 2 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    const u = 1 - random.uniform();
    if (v <= 0 || Math.log(u) >= x ** 2 / 2 + d * (1 - v + Math.log(v))) continue;
    return Math.log(d * v) + Math.log(1 - random.uniform()) / alpha;
  }
}
