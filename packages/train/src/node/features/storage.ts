import type { HostTensor } from '@ltml/tensor';

/**
 * Number format of stored features: float32, float16, or 256 levels between the smallest and the largest value of each
 * image.
 */
export type FeatureStorage = 'f32' | 'f16' | 'int8';

/** All number formats, the most exact first. */
export const featureStorages: readonly FeatureStorage[] = ['f32', 'f16', 'int8'];

/** Bytes per image besides its numbers: the checksum, and the levels of int8. */
const bytesBeside: Readonly<Record<FeatureStorage, number>> = { f32: 4, f16: 4, int8: 12 };
const bytesOfNumber: Readonly<Record<FeatureStorage, number>> = { f32: 4, f16: 2, int8: 1 };

/** Bytes on disk of one image in one view. @param size number of values */
export function bytesOfRow(storage: FeatureStorage, size: number): number {
  return bytesBeside[storage] + bytesOfNumber[storage] * size;
}

/** Levels of each image: byte b stands for lowest + scale · b. */
interface Levels {
  readonly lowest: Float32Array;
  readonly scale: Float32Array;
}

/**
 * Converts features to the tensors of a file.
 *
 * @param features [R, …shape]
 */
export function storedTensors(
  storage: FeatureStorage,
  features: Float32Array,
  rows: number,
  shape: readonly number[],
): Map<string, HostTensor> {
  if (storage !== 'int8') return new Map([['features', { dtype: 'F32', shape: [rows, ...shape], data: features }]]);
  const levels: Levels = { lowest: new Float32Array(rows), scale: new Float32Array(rows) };
  const data = new Uint8Array(features.length);
  const size = features.length / rows;
  for (let row = 0; row < rows; row++) {
    const values = features.subarray(row * size, (row + 1) * size);
    const lowest = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
    const highest = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
    levels.lowest[row] = lowest;
    levels.scale[row] = (highest - lowest) / 255;
    const scale = levels.scale[row];
    for (let i = 0; i < size; i++) {
      data[row * size + i] = scale > 0 ? Math.min(255, Math.round((values[i] - lowest) / scale)) : 0;
    }
  }
  return new Map<string, HostTensor>([
    ['features', { dtype: 'U8', shape: [rows, ...shape], data }],
    ['lowest', { dtype: 'F32', shape: [rows], data: levels.lowest }],
    ['scale', { dtype: 'F32', shape: [rows], data: levels.scale }],
  ]);
}

/** Restores features from the tensors of {@link storedTensors}. */
export function restoredFeatures(tensors: ReadonlyMap<string, HostTensor>): Float32Array {
  const { data } = tensors.get('features') as HostTensor;
  if (data instanceof Float32Array) return data;
  const lowest = tensors.get('lowest')?.data as Float32Array;
  const scale = tensors.get('scale')?.data as Float32Array;
  const size = data.length / lowest.length;
  const restored = new Float32Array(data.length);
  for (let row = 0; row < lowest.length; row++) {
    for (let i = row * size; i < (row + 1) * size; i++) restored[i] = lowest[row] + scale[row] * Number(data[i]);
  }
  return restored;
}
