import { checkChoice, checkCount, checkNumber, OptionError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkLossArguments, computeLoss, type LossTensors, type MaskedLossOptions } from '../core/checks.ts';
import { entryLoss, product } from '../core/closed-form.ts';
import type { Reduced, Reduction } from '../core/reduction.ts';
import { likelyUnknown } from './likely-unknown.ts';
import { type WeightedAsymmetricTerms, weightedAsymmetricForms } from './weighted-asymmetric.ts';

/**
 * What happens to unknown labels. `negative` treats them as weak negatives. `ignore` leaves them out.
 * `ignoreNormalized` also leaves them out, and gives images with few known labels up to twice the weight. `selective`
 * treats them as weak negatives, except those that are likely present, which it leaves out.
 */
export type SelectiveMode = 'negative' | 'ignore' | 'ignoreNormalized' | 'selective';

/** Options of {@link partialSelectiveLoss}. */
export interface PartialSelectiveLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** [B, C] 1 known, 0 not; default all known. Unlike in other losses, unknown labels may take part: see `mode`. */
  readonly known?: tf.Tensor2D;
  /**
   * Default `sum`, as in the authors' code. The gradient scales with it, so tune the learning rate for the reduction.
   */
  readonly reduction?: R;
  /** How unknown labels are treated; default `negative`. */
  readonly mode?: SelectiveMode;
  /** Focal exponent γ₊ ≥ 0 of positives, default 0. */
  readonly gammaPositive?: number;
  /** Focal exponent γ₋ ≥ 0 of negatives, default 1. With `selective` the authors use 1 or 3. */
  readonly gammaNegative?: number;
  /** Focal exponent γᵤ ≥ 0 of unknown labels, default 2. With `selective` the authors use 4. */
  readonly gammaUnknown?: number;
  /** Weight α₊ ≥ 0 of positives, default 1. */
  readonly alphaPositive?: number;
  /** Weight α₋ ≥ 0 of negatives, default 1. */
  readonly alphaNegative?: number;
  /** Weight αᵤ ≥ 0 of unknown labels, default 1. */
  readonly alphaUnknown?: number;
  /** Probability shift of negatives, in [0, 1), default 0. A negative below it has loss 0 and gradient 0. */
  readonly clip?: number;
  /** `selective`: how many unknown labels an image may leave out because of their logits, default 5; 0 for none. */
  readonly topK?: number;
  /**
   * `selective`: `batch`, the default, leaves out the topK·B largest logits of the batch (code); `image` the topK
   * largest of each image (paper).
   */
  readonly likelihood?: 'batch' | 'image';
  /** `selective`: [C] the probability of each class, see `ClassPrior`. Without it only the logits select. */
  readonly priors?: readonly number[] | undefined;
  /**
   * `selective`: unknown labels of classes whose prior is above this are left out; in [0, 1], default 0.05, 0 for none.
   */
  readonly priorThreshold?: number;
}

const ownOptions = [
  'known',
  'mode',
  'gammaPositive',
  'gammaNegative',
  'gammaUnknown',
  'alphaPositive',
  'alphaNegative',
  'alphaUnknown',
  'clip',
  'topK',
  'likelihood',
  'priors',
  'priorThreshold',
];

/**
 * Selective loss for partial labels, in nats: P-ASL, and CSL with `mode: 'selective'`. It is an asymmetric loss with a
 * third kind of label, unknown.
 *
 *     p = σ(x),  q = min(σ(−x) + clip, 1)
 *     ℓ = −ω·α₊·(1 − p)^{γ₊}·log p   where a class is present
 *     ℓ = −ω·α₋·(1 − q)^{γ₋}·log q   where it is absent; αᵤ and γᵤ where it is unknown
 *
 * ω is 1 for known labels; for unknown labels `mode` decides. Axes: B images, C classes.
 *
 * @param logits [B, C] raw scores
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar, or [B, C] for `reduction: 'none'`; `mean` divides by B·C
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * Edge cases: a probability below 1e-8 costs as much as 1e-8 and has no gradient. No gradient flows through the focal
 * factor and ω. Of equally likely unknown labels, those of earlier images and classes are left out first.
 * Source: Ben-Baruch et al., CVPR 2022, and their code.
 */
export function partialSelectiveLoss<R extends Reduction = 'sum'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialSelectiveLossOptions<R> = {},
): Reduced<R> {
  const where = 'partialSelectiveLoss';
  const { C } = checkLossArguments(where, logits, labels, options, { own: ownOptions });
  const settings = checkSelective(where, options, C);
  const { reduction = 'sum' as R, gammaPositive = 0, clip = 0 } = options;
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    const common = { gammaPositive, clip, epsilon: 1e-8, factorGradient: false };
    const forms = weightedAsymmetricForms(tensors.logits, common, () => selectiveTerms(tensors, settings));
    return entryLoss([tensors.logits], forms, { reduction });
  });
}

/**
 * The weights ω [B, C] of {@link partialSelectiveLoss}. It takes the same arguments; no gradient flows.
 *
 * @throws as the loss
 */
export function partialSelectiveWeights(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: PartialSelectiveLossOptions = {},
): tf.Tensor2D {
  const where = 'partialSelectiveWeights';
  const { C } = checkLossArguments(where, logits, labels, options, { own: ownOptions });
  const settings = checkSelective(where, options, C);
  if (logits.size === 0) return tf.zeros(logits.shape);
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    const chosen = tensors.known && selectionWeights({ ...tensors, known: tensors.known }, settings);
    return chosen ? tf.mul(chosen, tf.onesLike(tensors.logits)) : tf.onesLike(tensors.logits);
  });
}

type Settings = Required<Omit<PartialSelectiveLossOptions, 'known' | 'reduction' | 'checkFinite' | 'priors'>> &
  Pick<PartialSelectiveLossOptions, 'priors'>;

function checkSelective(where: string, options: PartialSelectiveLossOptions, C: number): Settings {
  const { mode = 'negative', topK = 5, likelihood = 'batch', priors, priorThreshold = 0.05, clip = 0 } = options;
  const { gammaPositive = 0, gammaNegative = 1, gammaUnknown = 2 } = options;
  const { alphaPositive = 1, alphaNegative = 1, alphaUnknown = 1 } = options;
  const settings = {
    ...{ mode, topK, likelihood, priors, priorThreshold, clip },
    ...{ gammaPositive, gammaNegative, gammaUnknown, alphaPositive, alphaNegative, alphaUnknown },
  };
  checkChoice(where, 'options.mode', settings.mode, ['negative', 'ignore', 'ignoreNormalized', 'selective']);
  checkChoice(where, 'options.likelihood', settings.likelihood, ['batch', 'image']);
  for (const kind of ['Positive', 'Negative', 'Unknown'] as const) {
    checkNumber(where, `options.gamma${kind}`, settings[`gamma${kind}`], { min: 0 });
    checkNumber(where, `options.alpha${kind}`, settings[`alpha${kind}`], { min: 0 });
  }
  checkNumber(where, 'options.clip', settings.clip, { min: 0, below: 1 });
  checkCount(where, 'options.topK', settings.topK, { min: 0 });
  checkNumber(where, 'options.priorThreshold', settings.priorThreshold, { min: 0, max: 1 });
  checkPriors(where, settings.priors, C);
  return settings;
}

function checkPriors(where: string, priors: readonly number[] | undefined, C: number): void {
  if (!priors) return;
  if (priors.length !== C) {
    const received = `${priors.length}`;
    throw new OptionError({ where, argument: 'options.priors', expected: `C = ${C} probabilities`, received });
  }
  for (const [c, prior] of priors.entries()) {
    checkNumber(where, `options.priors[${c}]`, prior, { min: 0, max: 1 });
  }
}

function selectiveTerms(tensors: LossTensors, settings: Settings): WeightedAsymmetricTerms {
  const { labels, known } = tensors;
  const { gammaNegative, gammaUnknown, alphaPositive, alphaNegative, alphaUnknown } = settings;
  const scalar = (value: number): tf.Tensor2D => tf.fill([1, 1], value);
  const balance =
    alphaPositive === alphaNegative
      ? alphaPositive === 1
        ? undefined
        : scalar(alphaPositive)
      : tf.add<tf.Tensor2D>(tf.mul(labels, alphaPositive - alphaNegative), alphaNegative);
  if (!known) return { labels, exponents: scalar(gammaNegative), weights: balance };
  const mix = (ofKnown: tf.Tensor2D | number, ofUnknown: number): tf.Tensor2D =>
    typeof ofKnown === 'number'
      ? tf.add(tf.mul(known, ofKnown - ofUnknown), ofUnknown)
      : tf.add(tf.mul(known, ofKnown), tf.mul(tf.sub(1, known), ofUnknown));
  const equal = balance === undefined && alphaUnknown === 1;
  const selection = selectionWeights({ ...tensors, known }, settings);
  return {
    labels: tf.mul(labels, known),
    exponents: gammaNegative === gammaUnknown ? scalar(gammaNegative) : mix(gammaNegative, gammaUnknown),
    weights: product([equal ? undefined : mix(balance ?? 1, alphaUnknown), selection]),
    // Where all unknown labels are left out, their logits are too, even NaN.
    known: settings.mode === 'ignore' || settings.mode === 'ignoreNormalized' ? known : undefined,
  };
}

/** The weights ω; undefined if all are 1. */
function selectionWeights(
  { logits, known }: LossTensors & { readonly known: tf.Tensor2D },
  { mode, topK, likelihood, priors, priorThreshold }: Settings,
): tf.Tensor2D | undefined {
  if (mode === 'negative') return undefined;
  if (mode === 'ignore') return known;
  if (mode === 'ignoreNormalized') {
    const share = tf.add(1, tf.div(1, tf.add(1, tf.sum(known, 1, true))));
    return tf.mul<tf.Tensor2D>(known, share);
  }
  const byPrior = priors && priorThreshold > 0 ? priors.map((prior) => Number(prior > priorThreshold)) : undefined;
  const unlikely =
    byPrior &&
    tf.tensor2d(
      byPrior.map((above) => 1 - above),
      [1, byPrior.length],
    );
  // 1 where a label is known or its class is rare.
  const kept = unlikely && tf.maximum<tf.Tensor2D>(known, unlikely);
  const likely = topK > 0 ? tf.sub<tf.Tensor2D>(1, likelyUnknown(logits, known, topK, likelihood)) : undefined;
  return product([kept, likely]);
}
