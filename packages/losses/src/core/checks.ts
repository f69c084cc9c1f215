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
  /** Default `mean`, where the loss does not say otherwise. */
  readonly reduction?: R;
  /** Reads the logits on the host and refuses NaN and infinities; default false, for speed. */
  readonly checkFinite?: boolean;
}

/** Options of a loss that leaves out what is not annotated. */
export interface MaskedLossOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /**
   * [B, C] 1 annotated, 0 not, of any dtype. An entry that is not annotated adds nothing, whatever its logit, be it NaN;
   * its label is 0 or 1 all the same. Everything is annotated, if left out.
   */
  readonly known?: tf.Tensor2D;
}

/** What a loss takes besides `reduction` and `checkFinite`. */
export interface LossEdge {
  /** Names of its own options. */
  readonly own: readonly string[];
  /** Whether its labels may lie between 0 and 1. */
  readonly soft?: boolean;
}

/**
 * The checks at the edge of every loss: names of options, shapes, and the values of labels and `known`.
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

/** The tensors of a loss, all of float32. */
export interface LossTensors {
  readonly logits: tf.Tensor2D;
  readonly labels: tf.Tensor2D;
  readonly known: tf.Tensor2D | undefined;
}

/** Computes a loss from its tensors, whatever their dtypes were, and leaves nothing but its result behind. */
export function computeLoss<Result extends tf.Tensor>(
  { logits, labels, known }: LossTensors,
  compute: (tensors: LossTensors) => tf.Tensor,
): Result {
  return tf.tidy(() =>
    compute({ logits: asFloats(logits), labels: asFloats(labels), known: known && asFloats(known) }),
  ) as Result;
}

/** The same numbers in float32. */
export function asFloats<T extends tf.Tensor>(tensor: T): T {
  return tensor.dtype === 'float32' ? tensor : tf.cast<T>(tensor, 'float32');
}

/**
 * The logits, 0 where nothing is known: no NaN or infinity comes in from there.
 *
 * @param careful false where they may come in, see `LossForms.compose`
 */
export function knownLogits(logits: tf.Tensor2D, known: tf.Tensor2D | undefined, careful: boolean = true): tf.Tensor2D {
  return known && careful ? tf.where(tf.cast(known, 'bool'), logits, tf.zerosLike(logits)) : logits;
}

/**
 * Refuses logits that are NaN or infinite. It reads the tensor back to the host, so it is for edges and debugging, never
 * for a compiled step.
 *
 * @param known [B, C]; entries that are 0 here are not looked at
 * @throws DataError naming the place of the first bad value
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
