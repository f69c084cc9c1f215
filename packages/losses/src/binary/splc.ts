import { checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { asFloats, checkLossArguments, computeLoss, type MaskedLossOptions } from '../core/checks.ts';
import { entryLoss } from '../core/closed-form.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { logisticForms } from './logistic.ts';

/** Options of {@link splcPseudoLabels}. */
export interface PseudoLabelOptions {
  /** The current epoch, from 0. */
  readonly epoch: number;
  /** The first epoch in which labels are corrected, default 1. */
  readonly changeEpoch?: number;
  /** Probability in (0, 1) above which a missing label becomes a positive, default 0.6. */
  readonly threshold?: number;
  /** [B, C] 1 known, 0 not; default all known. Unknown labels are not corrected. */
  readonly known?: tf.Tensor2D;
}

/** Options of {@link splcLoss}. */
export interface SplcLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R>, PseudoLabelOptions {
  /** [B, C] 1 known, 0 not; default all known. Unknown labels add nothing and are not corrected. */
  readonly known?: tf.Tensor2D;
  /**
   * Default `sum`, as in the authors' code. The gradient scales with it, so tune the learning rate for the reduction.
   */
  readonly reduction?: R;
  /** m, subtracted from the logits of labelled positives, default 1; not from those of pseudo-positives. */
  readonly margin?: number;
  /** Focal exponent γ ≥ 0, default 2. */
  readonly gamma?: number;
}

/**
 * Self-paced loss correction (SPLC), for data sets where only some positives are labelled, in nats. A missing label
 * counts as absent until the model is confident that the class is present.
 *
 *     z = x − m·y,  t = splcPseudoLabels(x, y)
 *     ℓ = −(1 − σ(z))^γ·log σ(z)   where t is 1
 *     ℓ = −σ(z)^γ·log(1 − σ(z))    where it is 0
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent or missing
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by the number of known entries
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * The gradient flows through the focal factor, not through t.
 * Source: Zhang et al., Simple and Robust Loss Design for Multi-Label Learning with Missing Labels, 2021, and their
 * code. They use the threshold 0.65 for COCO with 75 % of the labels left.
 */
export function splcLoss<R extends Reduction = 'sum'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: SplcLossOptions<R>,
): Reduced<R> {
  const where = 'splcLoss';
  const own = ['known', 'epoch', 'changeEpoch', 'threshold', 'margin', 'gamma'];
  checkLossArguments(where, logits, labels, options, { own });
  const { reduction = 'sum' as R, margin = 1, gamma = 2 } = options;
  const bound = thresholdLogit(where, options);
  checkNumber(where, 'options.margin', margin);
  checkNumber(where, 'options.gamma', gamma, { min: 0 });
  return computeLoss({ logits, labels, known: options.known }, ({ logits: x, labels: y, known }) => {
    const forms = logisticForms(x, () => ({
      labels: corrected(x, y, bound, known),
      shift: margin === 0 ? undefined : tf.mul<tf.Tensor2D>(y, margin),
      gamma,
      known,
    }));
    return entryLoss([x], forms, { reduction, ...(known && { counted: known }) });
  });
}

/**
 * The labels that {@link splcLoss} trains on: 1 where a class is labelled, and from `changeEpoch` on also where it is
 * missing and its probability is above the threshold. Exactly at the threshold it stays absent.
 *
 * @returns [B, C] 0 or 1, without gradient; 0 for unknown labels
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1
 */
export function splcPseudoLabels(logits: tf.Tensor2D, labels: tf.Tensor2D, options: PseudoLabelOptions): tf.Tensor2D {
  const where = 'splcPseudoLabels';
  const own = ['known', 'epoch', 'changeEpoch', 'threshold'];
  checkOptionNames(where, options, own);
  checkLossArguments(where, logits, labels, options, { own });
  const bound = thresholdLogit(where, options);
  if (logits.size === 0) return tf.zeros(logits.shape);
  return tf.tidy(() => {
    const { known } = options;
    const labelled = corrected(asFloats(logits), asFloats(labels), bound, known && asFloats(known));
    return labelled === labels ? tf.clone(labels) : labelled;
  });
}

/** The logit above which a label is corrected; infinity before `changeEpoch`. */
function thresholdLogit(where: string, { epoch, changeEpoch = 1, threshold = 0.6 }: PseudoLabelOptions): number {
  checkCount(where, 'options.epoch', epoch, { min: 0 });
  checkCount(where, 'options.changeEpoch', changeEpoch, { min: 0 });
  checkNumber(where, 'options.threshold', threshold, { above: 0, below: 1 });
  return epoch >= changeEpoch ? Math.log(threshold / (1 - threshold)) : Infinity;
}

function corrected(x: tf.Tensor2D, labels: tf.Tensor2D, bound: number, known?: tf.Tensor2D): tf.Tensor2D {
  const given = bound === Infinity ? labels : tf.maximum<tf.Tensor2D>(labels, tf.cast(tf.greater(x, bound), 'float32'));
  return known ? tf.mul(given, known) : given;
}
