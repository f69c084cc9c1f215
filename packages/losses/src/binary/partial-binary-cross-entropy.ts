import { checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { asFloats, checkLossArguments, computeLoss, type LossTensors, type MaskedLossOptions } from '../core/checks.ts';
import { entryLoss, type LossForms, product, type Rows, rowLoss } from '../core/closed-form.ts';
import type { Reduced, ReducedRows, Reduction } from '../core/reduction.ts';
import { crossEntropyEntries, crossEntropyPass } from '../softmax/cross-entropy.ts';
import { logisticKernel } from './logistic.ts';

/** Options of {@link partialBinaryCrossEntropy}. */
export interface PartialBinaryCrossEntropyOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** [B, C] any dtype, multiplies each entry. It does not change the divisor of a mean. */
  readonly weight?: tf.Tensor2D;
}

/**
 * Binary cross-entropy over the known labels only, in nats. It has a gradient for the labels too, so that methods which
 * blend labels can learn how much to blend.
 *
 *     L = Σ known·(softplus(x) − y·x) / Σ known     (`mean`, over the whole batch)
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent, or a soft label between
 * @param options.known [B, C] 1 known, 0 not; default all known
 * @returns a scalar, or [B, C] for `reduction: 'none'`
 * @throws OptionError, ShapeError; DataError on labels outside [0, 1], see `checkSoftLabelTensor` of `@ltml/tensor`
 *
 * Edge cases: no known label gives loss 0 and gradient 0. With `mean`, ∂L/∂y is −x divided by the number of known
 * labels, at every known entry.
 * Source: partial BCE as in the code of SARB (AAAI 2022) and of Wu et al. (ECCV 2020), which encode the mask in the
 * labels. For a batch without a known label their code gives NaN; this function gives 0.
 */
export function partialBinaryCrossEntropy<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialBinaryCrossEntropyOptions<R> = {},
): Reduced<R> {
  checkPartial('partialBinaryCrossEntropy', logits, labels, options);
  const { reduction = 'mean' as R, weight, known: mask } = options;
  return computeLoss({ logits, labels, known: mask }, (tensors) => {
    const { known } = tensors;
    const forms = softForms(tensors, () => weight && asFloats(weight));
    return entryLoss([tensors.logits, tensors.labels], forms, { reduction, ...(known && { counted: known }) });
  });
}

/**
 * Partial binary cross-entropy in which every image has the same weight. The sum over an image's known labels is
 * divided by their number; then the images are reduced.
 *
 * @param options.reduction over images: `none` gives [B], `sum` is the form of the SARB paper; default `mean`
 * @returns a scalar, or [B] for `reduction: 'none'`; an image without a known label gives 0
 * @throws as {@link partialBinaryCrossEntropy}
 * Source: the text of SARB (AAAI 2022); their code and their numbers use {@link partialBinaryCrossEntropy}.
 */
export function partialBinaryCrossEntropyPerImage<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialBinaryCrossEntropyOptions<R> = {},
): ReducedRows<R> {
  checkPartial('partialBinaryCrossEntropyPerImage', logits, labels, options);
  const { reduction = 'mean' as R, weight, known: mask } = options;
  const [B, C] = logits.shape;
  return computeLoss({ logits, labels, known: mask }, (tensors) => {
    const { known } = tensors;
    const makeWeights = (): tf.Tensor2D => {
      const share = known ? tf.div(1, tf.maximum(tf.sum(known, 1, true), 1)) : tf.fill([B, 1], 1 / C);
      return product([share as tf.Tensor2D, weight && asFloats(weight)]) as tf.Tensor2D;
    };
    const { compose, ...sums } = softForms(tensors, makeWeights);
    const composeRows = (careful: boolean): Rows => {
      const { value, derivatives } = compose(careful);
      return { value: tf.sum(value, 1), derivatives };
    };
    return rowLoss([tensors.logits, tensors.labels], { ...sums, compose: composeRows }, { reduction });
  });
}

/** Cross-entropy whose labels get a gradient too. */
function softForms(tensors: LossTensors, makeWeights: () => tf.Tensor2D | undefined): LossForms<tf.Tensor2D> {
  const { logits, labels, known } = tensors;
  return {
    compose: (careful) => crossEntropyEntries(tensors, makeWeights(), careful, true),
    byKernel: logisticKernel(logits, () => ({ labels, weights: makeWeights(), known }), true),
    onHost: crossEntropyPass(tensors, makeWeights),
  };
}

function checkPartial(
  where: string,
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialBinaryCrossEntropyOptions,
): void {
  checkLossArguments(where, logits, labels, options, { own: ['known', 'weight'], soft: true });
  const { weight } = options;
  if (weight) checkShapes(where, { logits: [logits, 'B C'], 'options.weight': [weight, 'B C'] });
}
