import { hostPasses, isRecordingStep } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * Entries up to which one pass over host memory beats a chain of kernels, of which each call has its price. Above, the
 * vector units of WASM and of the native engine win, and the latter's threads.
 */
const mostOnHost = 16_384;

/**
 * Whether a loss of so many entries is faster in one pass over host memory than as a chain of kernels: where the active
 * engine keeps its tensors there. Never in a step that is being recorded.
 *
 * @param most entries for which that holds, where it is not the usual number
 */
export function prefersHost(entries: number, most: number = mostOnHost): boolean {
  if (isRecordingStep()) return false;
  const passes = hostPasses();
  return passes === 'always' || (passes === 'short' && entries <= most);
}

/** Whether a number may be looked at as soon as it is computed: the engine keeps tensors in host memory, and no step is recorded. */
export function canLook(): boolean {
  return !isRecordingStep() && hostPasses() !== 'never';
}

/** Values of a tensor that broadcasts to [B, C]: that of an entry is at b·rowStep + c·columnStep. */
export interface HostMatrix {
  readonly values: ArrayLike<number>;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Reads a tensor that broadcasts to [B, C]; left out, it is `fallback` everywhere. */
export function readMatrix(tensor: tf.Tensor2D | undefined, fallback: number): HostMatrix {
  if (!tensor) return { values: [fallback], rowStep: 0, columnStep: 0 };
  const [rows, columns] = tensor.shape;
  return { values: tensor.dataSync(), rowStep: rows > 1 ? columns : 0, columnStep: columns > 1 ? 1 : 0 };
}

const halvings = Float64Array.from({ length: 151 }, (_, k) => 2 ** -k);

/** e^{−t} for t ≥ 0 to 1e-8 relative, and 0 from t = 104 on, as in float32. Several times faster than `Math.exp`. */
export function expOfMinus(t: number): number {
  // e^{−t} = 2^{−k}·e^f with |f| ≤ ln(2)/2; a NaN must come through.
  if (!(t < 104)) return t >= 104 ? 0 : t;
  const k = (t * Math.LOG2E + 0.5) | 0;
  const f = k * Math.LN2 - t;
  const series = 1 + f * (1 + f * (1 / 2 + f * (1 / 6 + f * (1 / 24 + f * (1 / 120 + f * (1 / 720 + f / 5040))))));
  return series * halvings[k];
}

/** log(1 + e) for e in [0, 1] to 1e-8 relative, by the series of 2·artanh(e/(2 + e)). */
export function logOfOnePlus(e: number): number {
  const r = e / (2 + e);
  const s = r * r;
  return 2 * r * (1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s * (1 / 13 + s / 15)))))));
}
