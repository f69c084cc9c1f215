import { checkOptionNames, checkShapes, DataError, OptionError } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import { type Reduction, reductions } from './reduction.ts';

/** Options that every loss over logits [B, C] and labels [B, C] has. */
export interface LossOptions<R extends Reduction = Reduction> {
  /** Default `mean`, where the loss does not say otherwise. */
  readonly reduction?: R;
  /** Reads the values on the host and refuses NaN, infinities and labels other than 0 and 1; default false, for speed. */
  readonly checkFinite?: boolean;
}

/** Options of a loss that leaves out what is not annotated. */
export interface MaskedLossOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /** [B, C] 1 annotated, 0 not; an entry that is not annotated adds nothing. Everything is, if left out. */
  readonly known?: tf.Tensor2D;
}

/**
 * The checks at the edge of every loss: names of options, shapes, and on demand the values.
 *
 * @param own names of the options besides `reduction` and `checkFinite`
 * @throws OptionError, ShapeError, DataError
 */
export function checkLossArguments(
  where: string,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: MaskedLossOptions,
  own: readonly string[],
): { readonly B: number; readonly C: number } {
  const { reduction, checkFinite: checked = false, known } = options;
  checkOptionNames(where, options, ['reduction', 'checkFinite', ...own]);
  if (reduction !== undefined) checkChoice(where, 'reduction', reduction, reductions);
  const sizes = checkShapes(where, { logits: [logits, 'B C'], labels: [labels, 'B C'] });
  if (known) checkShapes(where, { logits: [logits, 'B C'], 'options.known': [known, 'B C'] });
  if (checked) {
    checkFinite(where, logits, 'logits');
    checkLabelValues(where, labels, 'labels');
    if (known) checkLabelValues(where, known, 'options.known');
  }
  return sizes;
}

/** @throws OptionError if a value is none of the choices */
export function checkChoice<T extends string>(where: string, option: string, value: T, choices: readonly T[]): void {
  if (choices.includes(value)) return;
  throw new OptionError({
    where,
    argument: `options.${option}`,
    expected: `one of ${choices.join(', ')}`,
    received: JSON.stringify(value),
  });
}

/** @throws OptionError if a number is not finite or out of its range, both ends included */
export function checkNumber(
  where: string,
  option: string,
  value: number,
  low: number,
  high: number = Number.MAX_VALUE,
): void {
  if (value >= low && value <= high) return;
  throw new OptionError({
    where,
    argument: `options.${option}`,
    expected: high === Number.MAX_VALUE ? `a finite number ≥ ${low}` : `in [${low}, ${high}]`,
    received: `${value}`,
  });
}

/**
 * Refuses NaN and infinities. It reads the tensor back to the host, so it is for edges and debugging, never for a
 * traced step.
 *
 * @throws DataError naming the place of the first bad value
 */
export function checkFinite(where: string, tensor: tf.Tensor, argument: string = 'logits'): void {
  refuse(where, argument, tensor, 'finite everywhere', (value) => !Number.isFinite(value));
}

/**
 * Refuses labels other than 0 and 1. It reads the tensor back to the host, as {@link checkFinite} does.
 *
 * @throws DataError naming the place of the first bad value
 */
export function checkLabelValues(where: string, labels: tf.Tensor, argument: string = 'labels'): void {
  refuse(where, argument, labels, '0 or 1 everywhere', (value) => value !== 0 && value !== 1);
}

function refuse(
  where: string,
  argument: string,
  tensor: tf.Tensor,
  expected: string,
  bad: (v: number) => boolean,
): void {
  const values: ArrayLike<number> = tensor.dataSync();
  const at = Array.prototype.findIndex.call(values, bad);
  if (at < 0) return;
  throw new DataError({ where, argument, expected, received: `${values[at]} at [${indexOf(at, tensor.shape)}]` });
}

/** The index along each axis of an entry of a row-major tensor. */
function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const size of [...shape].reverse()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}
