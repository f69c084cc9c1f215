import type * as tf from '@tensorflow/tfjs-core';
import type { JsonValue } from '../../../packages/tensor/parity/adapter.ts';

type Json = { readonly [name: string]: JsonValue };

/** [B, C, H, W] → [B, H, W, C] */
export function imageShape([B, , H, W]: readonly number[]): [number, number, number, number] {
  return [B, H, W, 3];
}

/** Summarises a tensor as the file does, and disposes it. Further notes of the file are copied. */
export async function summarise(tensor: tf.Tensor, stored: Json): Promise<JsonValue> {
  const values = await tensor.data<'float32'>();
  const { shape } = tensor;
  tensor.dispose();
  let [sum, squares, min, max] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    sum += value;
    squares += value * value;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const mean = sum / values.length;
  const std = Math.sqrt(squares / values.length - mean * mean);
  return { ...stored, shape, mean, std, min, max, ...probe(values, shape) };
}

/** Up to 16 channels at the first, middle and last place. */
function probe(values: Float32Array, shape: readonly number[]): Record<string, number[]> {
  const size = values.length;
  const count = Math.min(16, size);
  const take = (start: number, step: number) => Array.from({ length: count }, (_, i) => values[start + i * step]);
  if (shape.length === 2) return { first: take(0, 1), last: take(size - count, 1) };
  if (shape.length === 3) {
    const [, L, D] = shape;
    return { first: take(0, 1), centre: take(Math.floor(L / 2) * D, 1), last: take(size - 16, 1) };
  }
  const [, , H, W] = shape;
  const centre = Math.floor(H / 2) * W + Math.floor(W / 2);
  return { first: take(0, H * W), centre: take(centre, H * W), last: take(size - 15 * H * W - 1, H * W) };
}
