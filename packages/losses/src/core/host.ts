import { hostPasses, isRecordingStep } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';

/**
 * The largest number of entries for which one pass over host memory is faster than a chain of kernels, because each
 * kernel call has a fixed cost. Above it the vector units of WASM and the native engine win, and the native engine's
 * threads.
 */
const mostOnHost = 16_384;

/**
 * Whether one pass over host memory is faster than a chain of kernels for this many entries. That needs an engine that
 * keeps its tensors in host memory. It is never so in a step that is being recorded.
 *
 * @param most the largest number of entries for which it is so, if it differs from the usual one
 */
export function prefersHost(entries: number, most: number = mostOnHost): boolean {
  if (isRecordingStep()) return false;
  const passes = hostPasses();
  return passes === 'always' || (passes === 'short' && entries <= most);
}

/**
 * Whether a value may be read right after it is computed: the engine keeps tensors in host memory and no step is
 * recorded.
 */
export function canLook(): boolean {
  return !isRecordingStep() && hostPasses() !== 'never';
}

/** Values of a tensor that broadcasts to [B, C]. The value of entry (b, c) is at b·rowStep + c·columnStep. */
export interface HostMatrix {
  readonly values: ArrayLike<number>;
  readonly rowStep: number;
  readonly columnStep: number;
}

/** Reads a tensor that broadcasts to [B, C]. Without a tensor every value is `fallback`. */
export function readMatrix(tensor: tf.Tensor2D | undefined, fallback: number): HostMatrix {
  if (!tensor) return { values: [fallback], rowStep: 0, columnStep: 0 };
  const [rows, columns] = tensor.shape;
  return { values: tensor.dataSync(), rowStep: rows > 1 ? columns : 0, columnStep: columns > 1 ? 1 : 0 };
}

const halvings = Float64Array.from({ length: 151 }, (_, k) => 2 ** -k);

/** e^{−t} for t ≥ 0, relative error 1e-8; 0 from t = 104 on, as in float32. Several times faster than `Math.exp`. */
export function expOfMinus(t: number): number {
  // e^{−t} = 2^{−k}·e^f with |f| ≤ ln(2)/2; NaN must stay NaN.
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
