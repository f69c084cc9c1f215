import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, type MaskedLossOptions } from './checks.ts';
import { entryLoss, type LossForms, product } from './closed-form.ts';
import { crossEntropyEntries, crossEntropyPass } from './cross-entropy.ts';
import { logisticKernel } from './logistic.ts';
import type { Reduced, ReducedRows, Reduction } from './reduction.ts';

export interface PartialBinaryCrossEntropyOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** [B, C] multiplies each entry; it never changes what a mean divides by. */
  readonly weight?: tf.Tensor2D;
}

/**
 * Binary cross-entropy over the annotated labels only, in nats, differentiable in the labels too: methods that blend
 * labels learn how much to blend.
 *
 *     L = Σ known·(softplus(x) − y·x) / Σ known     (`mean`, over the whole batch)
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent, or a soft label between
 * @param options.known [B, C]; everything, if left out
 * @returns a scalar, or [B, C] for `reduction: 'none'`
 * @throws OptionError, ShapeError; with `checkFinite` also DataError
 *
 * Edge cases: nothing known gives 0 and zero gradients. ∂L/∂y = −x over the count at every known entry.
 * Source: partial BCE as in the code of SARB (AAAI 2022) and of Wu et al. (ECCV 2020), which encode the mask in the
 * labels. Their own NaN for a batch without a known label is 0 here.
 */
export function partialBinaryCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialBinaryCrossEntropyOptions<R> = {},
): Reduced<R> {
  checkPartial('partialBinaryCrossEntropy', logits, labels, options);
  const { reduction = 'mean' as R, known, weight } = options;
  return entryLoss(
    [logits, labels],
    maskedForms(logits, labels, () => product([weight, known])),
    { reduction, ...(known && { counted: known }) },
  );
}

/**
 * Partial binary cross-entropy in which every image weighs the same: its sum over the known entries is divided by their
 * number before the images are reduced.
 *
 * @param options.reduction over images: `none` gives [B]; `sum` is the form of the SARB paper; default `mean`
 * @returns as {@link partialBinaryCrossEntropy}, an image without a known label gives 0
 * Source: SARB (AAAI 2022), the text; their code and numbers use {@link partialBinaryCrossEntropy}.
 */
export function partialBinaryCrossEntropyPerImage<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialBinaryCrossEntropyOptions<R> = {},
): ReducedRows<R> {
  checkPartial('partialBinaryCrossEntropyPerImage', logits, labels, options);
  const { reduction = 'mean' as R, known = tf.onesLike(labels), weight } = options;
  const makeWeights = (): tf.Tensor2D | undefined => {
    const share = tf.div<tf.Tensor2D>(known, tf.maximum(tf.sum(known, 1, true), 1));
    return product([weight, share]);
  };
  const entries = entryLoss([logits, labels], maskedForms(logits, labels, makeWeights), {
    reduction: reduction === 'none' || reduction === 'sum' ? reduction : 'batchmean',
  });
  return (reduction === 'none' ? tf.sum(entries, 1) : entries) as ReducedRows<R>;
}

function maskedForms(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  makeWeights: () => tf.Tensor2D | undefined,
): LossForms<tf.Tensor2D> {
  return {
    compose: () => crossEntropyEntries(logits, labels, makeWeights(), true),
    byKernel: logisticKernel(logits, () => ({ labels, weights: makeWeights() }), true),
    onHost: crossEntropyPass(logits, labels, makeWeights),
  };
}

function checkPartial(
  where: string,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialBinaryCrossEntropyOptions,
): void {
  checkLossArguments(where, logits, labels, options, ['known', 'weight']);
  const { weight } = options;
  if (weight) checkShapes(where, { logits: [logits, 'B C'], 'options.weight': [weight, 'B C'] });
}
