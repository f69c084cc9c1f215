import * as tf from '@tensorflow/tfjs-core';
import { DataError } from '../errors.ts';
import { isRecordingStep } from '../step-recorder.ts';
import { checkBits } from './check-bits.ts';
import { placeOf } from './place-of.ts';

/** Data that passed. A tensor's data never change, so each is looked through once, however many losses use it. */
const bits = new WeakSet<object>();
const fractions = new WeakSet<object>();

/**
 * Checks that labels, or a mask of what is known of them, are zeros and ones, whatever the dtype.
 *
 * It costs one look at each value the first time, and next to nothing for the same data after that. Values are not looked
 * at while a step is recorded, where there are none, and on GPUs in the browser, whose memory the host can't read at once.
 *
 * @throws DataError on any other value, NaN included, naming its place
 */
export function checkLabelTensor(where: string, argument: string, labels: tf.Tensor): void {
  if (bits.has(labels.dataId) || !isReadable(labels)) return;
  checkBits(where, argument, labels.dataSync(), labels.shape);
  bits.add(labels.dataId);
}

/** What rounding in float32 may add to blended labels. */
const rounding = 1e-6;

/**
 * Checks that soft labels are in [0, 1], but for rounding; when, and at what cost, is that of {@link checkLabelTensor}.
 *
 * @throws DataError on any other value, NaN included, naming its place
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
          ? 'Labels that are not known go into `known`, not in as −1.'
          : 'Logits come first, labels second.',
    });
  }
  fractions.add(labels.dataId);
}

/** The ranges that the whole numbers of a tensor are known to be in. */
const ranges = new WeakMap<object, string>();

/**
 * Checks that a tensor holds whole numbers of a range, ends included: classes, indices, marks of three values; when, and at
 * what cost, is that of {@link checkLabelTensor}.
 *
 * @throws DataError on any other value, NaN and fractions included, naming its place
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
      expected: max < min ? 'empty, where there is nothing to choose from' : `whole numbers from ${min} to ${max}`,
      received: `${values[i]} at [${placeOf(i, tensor.shape)}]`,
    });
  }
  ranges.set(tensor.dataId, range);
}

/**
 * Checks that every entry is a finite number, of a range if one is given. Unlike labels, numbers are looked through each
 * time.
 *
 * @throws DataError naming the place of one that is not
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
 * Whether checks may look at the values of a tensor: not while a step is recorded, where there are none, nor on GPUs in the
 * browser, whose memory the host can't read at once.
 */
export function isReadable(tensor: tf.Tensor): boolean {
  return tensor.size > 0 && !isRecordingStep() && ['cpu', 'wasm', 'tensorflow'].includes(tf.getBackend());
}
