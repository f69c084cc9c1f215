import { isRecordingStep } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { canLook, prefersHost } from './host.ts';
import type { KernelPass } from './loss-kernel.ts';
import { type Reduced, type ReducedRows, type Reduction, reductionScale } from './reduction.ts';

/**
 * The values of a loss before its reduction, and the derivatives of their sum with respect to each differentiable
 * input.
 */
export interface ClosedForm<Value extends tf.Tensor> {
  readonly value: Value;
  /** [B, C] each. */
  readonly derivatives: readonly tf.Tensor2D[];
}

/** One value for each entry [B, C], which depends only on the same entry of the inputs. */
export type Entries = ClosedForm<tf.Tensor2D>;

/** One value for each image [B], which depends only on the same row of the inputs. */
export type Rows = ClosedForm<tf.Tensor1D>;

/**
 * The same computed in one pass over host memory. It writes the derivatives times `scale`, row-major and in the order
 * of the inputs, and returns the sum of the values.
 */
export type HostPass = (derivatives: readonly Float32Array[], scale: number) => number;

/** The forms in which a loss can be computed; {@link entryLoss} chooses one. */
export interface LossForms<Value extends tf.Tensor> {
  /**
   * As tensor ops, for every engine.
   *
   * @param careful if false, NaN and infinite logits may give wrong values, as long as the sum of the values is then
   *   not finite
   */
  readonly compose: (careful: boolean) => ClosedForm<Value>;
  /** As one kernel, if the active engine has it. */
  readonly byKernel?: KernelPass | undefined;
  /** For small inputs on engines that keep their tensors on the host; see `prefersHost`. */
  readonly onHost?: HostPass | undefined;
  /** The largest number of entries for which the host is preferred, if it differs from the usual one. */
  readonly mostOnHost?: number;
}

/** How the values of a loss are reduced. */
export interface ReductionOptions<R extends Reduction> {
  readonly reduction: R;
  /** Marks the entries that a mean counts; default all. */
  readonly counted?: tf.Tensor2D;
  /** A constant that multiplies the loss; default 1. */
  readonly factor?: number;
}

/**
 * The shared core of the losses: reduces the values, and uses the closed-form derivatives as the gradient.
 *
 * Values and derivatives are computed together because they share their exponentials and logarithms. Only the
 * derivatives are kept for the backward pass. Tensors that a form uses besides the inputs (weights, masks) get no
 * gradient.
 */
export function entryLoss<R extends Reduction>(
  inputs: readonly tf.Tensor2D[],
  forms: LossForms<tf.Tensor2D>,
  options: ReductionOptions<R>,
): Reduced<R> {
  const none = (): Entries => ({ value: inputs[0], derivatives: inputs });
  return closedFormLoss(inputs, forms, none, options) as Reduced<R>;
}

/** Like {@link entryLoss}, for a loss with one value for each image; its mean is over images. */
export function rowLoss<R extends Reduction>(
  inputs: readonly tf.Tensor2D[],
  forms: LossForms<tf.Tensor1D>,
  options: ReductionOptions<R>,
): ReducedRows<R> {
  const none = (): Rows => ({ value: tf.zeros([inputs[0].shape[0]]), derivatives: inputs });
  const reduction = options.reduction === 'mean' ? 'batchmean' : options.reduction;
  return closedFormLoss(inputs, forms, none, { ...options, reduction }) as ReducedRows<R>;
}

function closedFormLoss<Value extends tf.Tensor>(
  inputs: readonly tf.Tensor2D[],
  { compose, byKernel, onHost, mostOnHost }: LossForms<Value>,
  none: () => ClosedForm<Value>,
  options: ReductionOptions<Reduction>,
): tf.Tensor {
  const entries = inputs[0].size;
  if (entries > 0 && options.reduction !== 'none') {
    if (byKernel) return kernelLoss(inputs, byKernel, options.reduction, options);
    if (onHost && prefersHost(entries, mostOnHost)) return hostLoss(inputs, onHost, options.reduction, options);
  }
  if (entries > 0) return composedLoss(inputs, compose, options);
  // Kernels of some engines fail on tensors without entries, and a sum over nothing returns stale memory.
  const { reduction, factor = 1 } = options;
  return composedLoss(inputs, none, { reduction, factor });
}

function composedLoss(
  inputs: readonly tf.Tensor2D[],
  compute: (careful: boolean) => ClosedForm<tf.Tensor>,
  { reduction, counted, factor = 1 }: ReductionOptions<Reduction>,
): tf.Tensor {
  const loss = tf.customGrad((...args) => {
    const save = args[inputs.length] as tf.GradSaveFunc;
    const { value, derivatives, sum }: ClosedForm<tf.Tensor> & Partial<SummedForm> =
      reduction === 'none' ? compute(true) : withSum(compute);
    const scale = times(reduction === 'none' ? 1 : reductionScale(reduction, value.shape, counted), factor);
    save(typeof scale === 'number' ? [...derivatives] : [...derivatives, scale]);
    return {
      value: times(sum ?? value, scale) as tf.Tensor,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const byEntry = dy.rank === 1 ? tf.expandDims(dy, 1) : dy;
        const step = times(byEntry, typeof scale === 'number' ? scale : saved[derivatives.length]) as tf.Tensor;
        return saved.slice(0, derivatives.length).map((derivative) => tf.mul(derivative, step));
      },
    };
  });
  return loss(...inputs);
}

/**
 * A form with the sum of its values. It uses the careful form if the fast one is not finite, or if values cannot be
 * read.
 */
function withSum(compute: (careful: boolean) => ClosedForm<tf.Tensor>): SummedForm {
  const add = (careful: boolean): SummedForm => {
    const form = compute(careful);
    return { ...form, sum: total(form.value) };
  };
  const quick = canLook() ? add(false) : undefined;
  return quick && Number.isFinite(quick.sum.dataSync()[0]) ? quick : add(true);
}

interface SummedForm extends ClosedForm<tf.Tensor> {
  readonly sum: tf.Tensor;
}

function kernelLoss(
  inputs: readonly tf.Tensor2D[],
  byKernel: KernelPass,
  reduction: Exclude<Reduction, 'none'>,
  { counted, factor = 1 }: ReductionOptions<Reduction>,
): tf.Tensor {
  const loss = tf.customGrad((...args) => {
    const scale = times(reductionScale(reduction, inputs[0].shape, counted), factor);
    const [value, ...derivatives] = byKernel(typeof scale === 'number' ? tf.scalar(scale) : (scale as tf.Scalar));
    (args[inputs.length] as tf.GradSaveFunc)(derivatives);
    // Usually nothing follows the loss: then dy is 1, and the derivatives are already the gradients.
    const isOne = (dy: tf.Tensor): boolean => !isRecordingStep() && dy.dataSync()[0] === 1;
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
      isOne(dy) ? saved.map((derivative) => tf.clone(derivative)) : saved.map((derivative) => tf.mul(derivative, dy));
    return { value, gradFunc };
  });
  return loss(...inputs);
}

function hostLoss(
  inputs: readonly tf.Tensor2D[],
  onHost: HostPass,
  reduction: Exclude<Reduction, 'none'>,
  { counted, factor = 1 }: ReductionOptions<Reduction>,
): tf.Tensor {
  const { shape, size } = inputs[0];
  const loss = tf.customGrad(() => {
    const entries = reduction === 'mean' && counted ? sumOf(counted.dataSync()) : size;
    const divisor = { sum: 1, mean: Math.max(entries, 1), batchmean: shape[0] }[reduction];
    const scale = factor / divisor;
    const derivatives = inputs.map(() => new Float32Array(size));
    const value = tf.scalar(onHost(derivatives, scale) * scale);
    const gradFunc = (dy: tf.Tensor): tf.Tensor[] => {
      const [step] = dy.dataSync();
      const moved = step === 1 ? derivatives : derivatives.map((values) => values.map((value) => value * step));
      return moved.map((values) => tf.tensor2d(values, shape));
    };
    return { value, gradFunc };
  });
  return loss(...inputs);
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

/** The sum. WASM returns stale memory for a sum over no entries, so that case is 0. */
function total(value: tf.Tensor): tf.Tensor {
  return value.size > 0 ? tf.sum(value) : tf.scalar(0);
}

/** A product that runs no kernel if a factor is the number 1. */
function times(a: tf.Tensor | number, b: tf.Tensor | number): tf.Tensor | number {
  if (b === 1) return a;
  if (a === 1) return b;
  return typeof a === 'number' && typeof b === 'number' ? a * b : tf.mul(a, b);
}

/** The product of weights that broadcast to [B, C]; undefined if there are none. */
export function product(factors: readonly (tf.Tensor2D | undefined)[]): tf.Tensor2D | undefined {
  const given = factors.filter((factor) => factor !== undefined);
  return given.length > 0 ? given.reduce((a, b) => tf.mul(a, b)) : undefined;
}
