import type { RandomStream } from '@ltml/tensor';

/**
 * A draw from Beta(α, α), in [0, 1], of any α > 0: as the ratio of two gamma variables, whose logarithms are kept, so that
 * small α give shares near 0 and 1 and never 0/0.
 */
export function symmetricBeta(alpha: number, random: RandomStream): number {
  const [a, b] = [logGamma(alpha, random), logGamma(alpha, random)];
  return 1 / (1 + Math.exp(b - a));
}

/**
 * Logarithm of a draw from Gamma(α, 1): one from Gamma(α + 1, 1) times U^(1/α).
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
