import { checkCount, checkNumber } from '@ltml/tensor';

/** Values of the modified Bessel function of the first kind, I_ν(k), for each k. */
export interface LogBessel {
  /** log I_ν(k) − k; −∞ at k = 0 for ν > 0. */
  readonly logScaled: Float64Array;
  /** I_{ν+1}(k) / I_ν(k), in [0, 1). */
  readonly ratio: Float64Array;
  /** log I_ν(k) − ν·log k, finite at 0. It normalises a von Mises–Fisher distribution. Its derivative is `ratio`. */
  readonly logNorm: Float64Array;
}

/**
 * log I_ν(k) in double precision, without overflow. Below ν = 31 it uses a downward recurrence of ratios. From ν = 31
 * on it uses the uniform expansion for large orders, which is faster there and accurate to 1e-9.
 *
 * @param order ν, an integer ≥ 0
 * @param kappa k, each in [0, 1e10]; the recurrence takes a million steps for 1e10
 * @throws OptionError
 *
 * Source: Amos, Computation of modified Bessel functions and their ratios, 1974; Abramowitz and Stegun 9.7.7. The code
 * of ProCo starts its recurrence at 2ν, which gives wrong values if k is much larger than ν².
 */
export function logBesselI(order: number, kappa: ArrayLike<number>): LogBessel {
  checkCount('logBesselI', 'order', order, { min: 0 });
  const result: LogBessel = {
    logScaled: new Float64Array(kappa.length),
    ratio: new Float64Array(kappa.length),
    logNorm: new Float64Array(kappa.length),
  };
  for (let i = 0; i < kappa.length; i++) {
    const k = kappa[i];
    checkNumber('logBesselI', `kappa[${i}]`, k, { min: 0, max: 1e10 });
    const { norm, ratio } = order >= 31 ? byExpansion(order, k) : byRecurrence(order, k);
    result.logNorm[i] = norm;
    result.ratio[i] = ratio;
    result.logScaled[i] = order === 0 ? norm - k : norm + order * Math.log(k) - k;
  }
  return result;
}

interface NormAndRatio {
  /** g(k) = log I_ν(k) − ν·log k */
  readonly norm: number;
  readonly ratio: number;
}

/**
 * By the recurrence h_{i−1} = 1/(2i + k²·h_i) with h_i = I_{i+1}/(k·I_i). It starts at an order so large that the start
 * value hardly matters. I_0 follows from the sum of all ratios.
 */
export function byRecurrence(order: number, k: number): NormAndRatio {
  const start = Math.ceil(Math.max(order + 30, Math.sqrt(order * order + 60 * k)));
  let [h, ratio, logs, sum] = [0, 0, 0, 1];
  for (let i = start; i >= 1; i--) {
    h = 1 / (2 * i + k * k * h);
    // From here on h is h_{i−1}.
    if (i - 1 === order) ratio = k * h;
    if (i - 1 < order) logs += Math.log(h);
    sum = 1 + k * h * sum;
  }
  return { norm: k - Math.log(2 * sum - 1) + logs, ratio };
}

/** By the uniform expansion, for the orders ν and ν + 1. */
export function byExpansion(order: number, k: number): NormAndRatio {
  const norm = expandedNorm(order, k);
  return { norm, ratio: k * Math.exp(expandedNorm(order + 1, k) - norm) };
}

/** log I_ν(k) − ν·log k */
function expandedNorm(order: number, k: number): number {
  const z = k / order;
  const root = Math.sqrt(1 + z * z);
  const t = 1 / root;
  const s = t * t;
  const u1 = (t * (3 - 5 * s)) / 24;
  const u2 = (s * (81 - 462 * s + 385 * s * s)) / 1152;
  const u3 = (t * s * (30375 + s * (-369603 + s * (765765 - 425425 * s)))) / 414720;
  const u4 = (s * s * (4465125 + s * (-94121676 + s * (349922430 + s * (-446185740 + 185910725 * s))))) / 39813120;
  const series = (u1 + (u2 + (u3 + u4 / order) / order) / order) / order;
  return (
    order * root -
    order * Math.log(order * (1 + root)) -
    Math.log(2 * Math.PI * order) / 2 -
    Math.log(1 + z * z) / 4 +
    Math.log1p(series)
  );
}
