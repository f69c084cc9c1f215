import * as tf from '@tensorflow/tfjs-core';
import { DataError } from '../errors.ts';
import { isRecordingStep } from '../step-recorder.ts';
import { checkBits } from './check-bits.ts';
import { placeOf } from './place-of.ts';

/** Data that passed. A tensor's data never change, so each is checked once for any number of losses. */
const bits = new WeakSet<object>();
const fractions = new WeakSet<object>();

/**
 * Checks that labels, or a mask of known labels, are zeros and ones, of any dtype.
 *
 * The first check reads every value once; later checks of the same data are almost free. Values are not checked while a
 * step is recorded, because there are none, and not on GPUs in the browser, whose memory cannot be read synchronously.
 *
 * @throws DataError naming the position of any other value, including NaN
 */
export function checkLabelTensor(where: string, argument: string, labels: tf.Tensor): void {
  if (bits.has(labels.dataId) || !isReadable(labels)) return;
  checkBits(where, argument, labels.dataSync(), labels.shape);
  bits.add(labels.dataId);
}

/** How far rounding in float32 may move blended labels out of [0, 1]. */
const rounding = 1e-6;

/**
 * Checks that soft labels are in [0, 1], with a tolerance for rounding. When values are checked, and the cost: see
 * {@link checkLabelTensor}.
 *
 * @throws DataError naming the position of any other value, including NaN
 */
export function checkSoftLabelTensor(where: string, argument: string, labels: tf.Tensor): void {
  if (bits.has(labels.dataId) || fractions.has(labels.dataId) || !isReadable(labels)) return;
  const values: ArrayLike<number> = labels.dataSync();
  for (let i = 0; i < values.length; i++) {
    if (values[i] >= -rounding && values[i] <= 1 + rounding) continue;
    throw new DataError({
      where,
      argument,
      expected: 'in [0, 1] everywhere',
      received: `${values[i]} at [${placeOf(i, labels.shape)}]`,
      hint:
        values[i] === -1
          ? 'Mark unknown labels in `known`, not as −1.'
          : 'The logits are the first argument, the labels the second.',
    });
  }
  fractions.add(labels.dataId);
}

/** The ranges that a tensor's whole numbers are known to lie in. */
const ranges = new WeakMap<object, string>();

/**
 * Checks that a tensor holds whole numbers from `min` to `max`, both inclusive: classes, indices, masks with three
 * values. When values are checked, and the cost: see {@link checkLabelTensor}.
 *
 * @throws DataError naming the position of any other value, including NaN and fractions
 */
export function checkWholeTensor(where: string, argument: string, tensor: tf.Tensor, min: number, max: number): void {
  const range = `${min} ${max}`;
  if (ranges.get(tensor.dataId) === range || !isReadable(tensor)) return;
  const values: ArrayLike<number> = tensor.dataSync();
  for (let i = 0; i < values.length; i++) {
    if (Number.isInteger(values[i]) && values[i] >= min && values[i] <= max) continue;
    throw new DataError({
      where,
      argument,
      expected: max < min ? 'empty, because there is nothing to choose from' : `whole numbers from ${min} to ${max}`,
      received: `${values[i]} at [${placeOf(i, tensor.shape)}]`,
    });
  }
  ranges.set(tensor.dataId, range);
}

/**
 * Checks that every entry is finite, and in a range if one is given. Unlike labels, the values are checked at every
 * call.
 *
 * @throws DataError naming the position of the first bad value
 */
export function checkFiniteTensor(where: string, argument: string, tensor: tf.Tensor, range?: [number, number]): void {
  if (!isReadable(tensor)) return;
  const [min, max] = range ?? [-Infinity, Infinity];
  const values: ArrayLike<number> = tensor.dataSync();
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]) && values[i] >= min && values[i] <= max) continue;
    const received = `${values[i]} at [${placeOf(i, tensor.shape)}]`;
    throw new DataError({ where, argument, expected: range ? `from ${min} to ${max}` : 'finite numbers', received });
  }
}

/**
 * Whether checks can read the values of a tensor. They cannot while a step is recorded, because there are none, and not
 * on GPUs in the browser, whose memory cannot be read synchronously.
 */
export function isReadable(tensor: tf.Tensor): boolean {
  return tensor.size > 0 && !isRecordingStep() && ['cpu', 'wasm', 'tensorflow'].includes(tf.getBackend());
}
