import { checkCount, checkNumber } from '@ltml/tensor';

/** Of the modified Bessel function of the first kind, I_ν(k), for each k. */
export interface LogBessel {
  /** log I_ν(k) − k; −∞ at k = 0 for ν > 0. */
  readonly logScaled: Float64Array;
  /** I_{ν+1}(k) / I_ν(k), in [0, 1). */
  readonly ratio: Float64Array;
  /** log I_ν(k) − ν·log k, finite at 0: what normalises a von Mises–Fisher distribution. Its derivative is `ratio`. */
  readonly logNorm: Float64Array;
}

/**
 * log I_ν(k) in double precision, without overflow: by a downward recurrence of ratios, and from ν = 31 on, where that is
 * exact to 1e-9 and faster, by the uniform expansion for large orders.
 *
 * @param order ν, a whole number from 0
 * @param kappa each k ≥ 0, up to 1e10, which takes a million steps of the recurrence
 * @throws OptionError
 * Source: Amos, Computation of modified Bessel functions and their ratios, 1974; Abramowitz and Stegun 9.7.7. The code of
 * ProCo starts its recurrence at 2ν, which is wrong where k is large against ν².
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

/** With h_i = I_{i+1}/(k·I_i): h_{i−1} = 1/(2i + k²·h_i) from an order where it hardly matters, and I_0 from their sum. */
export function byRecurrence(order: number, k: number): NormAndRatio {
  const start = Math.ceil(Math.max(order + 30, Math.sqrt(order * order + 60 * k)));
  let [h, ratio, logs, sum] = [0, 0, 0, 1];
  for (let i = start; i >= 1; i--) {
    h = 1 / (2 * i + k * k * h);
    // h is that of order i − 1 now.
    if (i - 1 === order) ratio = k * h;
    if (i - 1 < order) logs += Math.log(h);
    sum = 1 + k * h * sum;
  }
  return { norm: k - Math.log(2 * sum - 1) + logs, ratio };
}

/** Both orders by the expansion. */
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
