import {
  checkChoice,
  checkFlag,
  checkLabelTensor,
  checkOptionNames,
  checkShapes,
  checkSoftLabelTensor,
  DataError,
} from '@ltml/tensor';
import { placeOf } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { type Reduction, reductions } from './reduction.ts';

/** Options that every loss over logits [B, C] and labels [B, C] has. */
export interface LossOptions<R extends Reduction = Reduction> {
  /** How the entries become one number; default `mean`, unless the loss says otherwise. */
  readonly reduction?: R;
  /** Refuses logits that are NaN or infinite; default false, because it reads the logits back to the host (slow). */
  readonly checkFinite?: boolean;
}

/** Options of a loss that can leave out labels that are not known. */
export interface MaskedLossOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /**
   * [B, C] 1 where a label is known, 0 where it is not, any dtype; default all known. An entry that is not known adds
   * nothing, even if its logit is NaN. Its label must still be 0 or 1.
   */
  readonly known?: tf.Tensor2D;
}

/** How the labels and options of one loss are checked. */
export interface LossEdge {
  /** Names of the loss's own options, besides `reduction` and `checkFinite`. */
  readonly own: readonly string[];
  /** Whether labels may lie between 0 and 1; default false. */
  readonly soft?: boolean;
}

/**
 * Checks the arguments of a loss: option names, shapes, and the values of the labels and of `known`.
 *
 * @throws OptionError, ShapeError, DataError
 */
export function checkLossArguments(
  where: string,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: MaskedLossOptions,
  { own, soft = false }: LossEdge,
): { readonly B: number; readonly C: number } {
  const { reduction, checkFinite: checked = false, known } = options;
  checkOptionNames(where, options, ['reduction', 'checkFinite', ...own]);
  if (reduction !== undefined) checkChoice(where, 'options.reduction', reduction, reductions);
  checkFlag(where, 'options.checkFinite', checked);
  const sizes = checkShapes(where, { logits: [logits, 'B C'], labels: [labels, 'B C'] });
  if (known) checkShapes(where, { logits: [logits, 'B C'], 'options.known': [known, 'B C'] });
  (soft ? checkSoftLabelTensor : checkLabelTensor)(where, 'labels', labels);
  if (known) checkLabelTensor(where, 'options.known', known);
  if (checked) checkFinite(where, logits, known);
  return sizes;
}

/** The tensors of a loss, all float32. */
export interface LossTensors {
  readonly logits: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
  readonly known: tf.Tensor2D | undefined;
}

/** Casts the tensors of a loss to float32, computes the loss and disposes everything except the result. */
export function computeLoss<Result extends tf.Tensor>(
  { logits, labels, known }: LossTensors,
  compute: (tensors: LossTensors) => tf.Tensor,
): Result {
  return tf.tidy(() =>
    compute({ logits: asFloats(logits), labels: asFloats(labels), known: known && asFloats(known) }),
  ) as Result;
}

/** Casts to float32; returns the same tensor if it is float32 already. */
export function asFloats<T extends tf.Tensor>(tensor: T): T {
  return tensor.dtype === 'float32' ? tensor : tf.cast<T>(tensor, 'float32');
}

/**
 * The logits, with 0 where a label is not known, so that NaN and infinity there have no effect.
 *
 * @param careful false skips the replacement where it may, see `LossForms.compose`
 */
export function knownLogits(logits: tf.Tensor2D, known: tf.Tensor2D | undefined, careful: boolean = true): tf.Tensor2D {
  return known && careful ? tf.where(tf.cast(known, 'bool'), logits, tf.zerosLike(logits)) : logits;
}

/**
 * Refuses logits that are NaN or infinite. It reads the tensor back to the host: use it at the edges of a program and
 * for debugging, never in a compiled step.
 *
 * @param known [B, C]; entries that are 0 here are not checked
 * @throws DataError naming the position of the first bad value
 */
export function checkFinite(where: string, logits: tf.Tensor, known?: tf.Tensor): void {
  const values: ArrayLike<number> = logits.dataSync();
  const mask: ArrayLike<number> | undefined = known?.dataSync();
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i]) || mask?.[i] === 0) continue;
    throw new DataError({
      where,
      argument: 'logits',
      expected: 'finite everywhere',
      received: `${values[i]} at [${placeOf(i, logits.shape)}]`,
    });
  }
}
