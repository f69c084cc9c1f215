import * as tf from '@tensorflow/tfjs-core';
import { type Reduced, type ReducedRows, type Reduction, reductionScale } from './reduction.ts';

/** The values of a loss before its reduction, and the derivatives of their sum by each differentiable input. */
export interface ClosedForm<Value extends tf.Tensor> {
  readonly value: Value;
  /** [B, C] each. */
  readonly derivatives: readonly tf.Tensor2D[];
}

/** A value for each entry [B, C] that depends on the same entry of the inputs. */
export type Entries = ClosedForm<tf.Tensor2D>;

/** A value for each image [B] that depends on the same row of the inputs. */
export type Rows = ClosedForm<tf.Tensor1D>;

export interface ReductionOptions<R extends Reduction> {
  readonly reduction: R;
  /** Marks the entries that a mean counts; all if left out. */
  readonly counted?: tf.Tensor2D;
  /** A constant that multiplies the loss. */
  readonly factor?: number;
}

/**
 * The shared core of the losses: reduces values and hands their derivatives back in closed form.
 *
 * `compute` gives both at once, since they share their transcendental functions; the derivatives are all that is kept
 * for the backward pass. What it closes over besides the inputs (weights, masks) gets no gradient.
 */
export function entryLoss<R extends Reduction>(
  inputs: readonly tf.Tensor2D[],
  compute: () => Entries,
  options: ReductionOptions<R>,
): Reduced<R> {
  // Kernels of some engines fail on tensors without entries.
  const entries = inputs[0].size > 0 ? compute : () => ({ value: inputs[0], derivatives: inputs });
  return closedFormLoss(inputs, entries, options) as Reduced<R>;
}

/** {@link entryLoss} for a loss with one value for each image; its mean is over images. */
export function rowLoss<R extends Reduction>(
  inputs: readonly tf.Tensor2D[],
  compute: () => Rows,
  options: ReductionOptions<R>,
): ReducedRows<R> {
  const rows = inputs[0].size > 0 ? compute : () => ({ value: tf.zeros<tf.Rank.R1>([0]), derivatives: inputs });
  return closedFormLoss(inputs, rows, options) as ReducedRows<R>;
}

function closedFormLoss(
  inputs: readonly tf.Tensor2D[],
  compute: () => ClosedForm<tf.Tensor1D | tf.Tensor2D>,
  { reduction, counted, factor = 1 }: ReductionOptions<Reduction>,
): tf.Tensor {
  const loss = tf.customGrad((...args) => {
    const save = args[inputs.length] as tf.GradSaveFunc;
    const { value, derivatives } = compute();
    const scale = times(reduction === 'none' ? 1 : reductionScale(reduction, value.shape, counted), factor);
    save(typeof scale === 'number' ? [...derivatives] : [...derivatives, scale]);
    return {
      value: times(reduction === 'none' ? value : total(value), scale) as tf.Tensor,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const byEntry = dy.rank === 1 ? tf.expandDims(dy, 1) : dy;
        const step = times(byEntry, typeof scale === 'number' ? scale : saved[derivatives.length]) as tf.Tensor;
        return saved.slice(0, derivatives.length).map((derivative) => tf.mul(derivative, step));
      },
    };
  });
  return loss(...inputs);
}

/** The sum; over no entries WASM would give what its memory held before. */
function total(value: tf.Tensor): tf.Tensor {
  return value.size > 0 ? tf.sum(value) : tf.scalar(0);
}

/** A product that costs no kernel where a factor is the number 1. */
function times(a: tf.Tensor | number, b: tf.Tensor | number): tf.Tensor | number {
  if (b === 1) return a;
  if (a === 1) return b;
  return typeof a === 'number' && typeof b === 'number' ? a * b : tf.mul(a, b);
}

/** The product of weights that broadcast to [B, C]; undefined where there are none. */
export function product(factors: readonly (tf.Tensor2D | undefined)[]): tf.Tensor2D | undefined {
  const given = factors.filter((factor) => factor !== undefined);
  return given.length > 0 ? given.reduce((a, b) => tf.mul(a, b)) : undefined;
}
