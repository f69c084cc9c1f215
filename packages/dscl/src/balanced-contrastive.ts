import { balancedSoftmax, type ClassFrequencies } from '@ltml/losses';
import { checkNumber, checkOptionNames, checkShapes, checkWholeTensor } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkTemperature } from './contrastive-loss.ts';
import { atClass, denseContrast, itself, lossOfNothing, sameLabels } from './dense-contrast.ts';

/** Options of {@link balancedContrastive}. */
export interface BalancedContrastiveOptions {
  /** τ, above 0. Default 0.07: training script of the released code. (The default of its class is 0.1.) */
  readonly temperature?: number;
}

/** Options of {@link bclLoss}. */
export interface BclOptions extends BalancedContrastiveOptions {
  /** Weight of the cross-entropy. Default 1. */
  readonly classification?: number;
  /** Weight of the contrastive loss. Default 0.35: released code. */
  readonly contrastive?: number;
}

/**
 * Balanced contrastive loss, in nats: every class has the same weight in the denominator, whatever its number of keys.
 * Each class also has its centre as a key. The result is the mean over both views of each image.
 *
 *     Z_i = Σ_{j ≠ i} e^{s_ij} / |keys of the class of j, without i|,  s_ij = f_i·key_j / τ
 *     ℓ_i = −mean of (s_ij − log Z_i) over the keys j ≠ i of the class of i
 *
 * Axes: B images, C classes, D features.
 *
 * @param features [B, 2, D] embeddings of two views; normalise them yourself
 * @param centres [C, D] one for each class, normalised; for example an MLP of the classifier's weights
 * @param labels [B] class indices
 * @returns a scalar; features and centres get a gradient
 * @throws ShapeError, OptionError; DataError for a label outside the classes
 *
 * Edge cases: with one class or one image, all other keys are positives. Without images the loss is 0.
 *
 * Source: Zhu et al., CVPR 2022, equations 5 and 6, and their code.
 */
export function balancedContrastive(
  features: tf.Tensor3D,
  centres: tf.Tensor2D,
  labels: tf.Tensor1D,
  options: BalancedContrastiveOptions = {},
): tf.Scalar {
  checkOptionNames('balancedContrastive', options, ['temperature']);
  return contrast('balancedContrastive', features, centres, labels, options);
}

/**
 * The loss of balanced contrastive learning: classification·CE(x + log n) + contrastive·{@link balancedContrastive}.
 *
 * @param logits [B, C] of a classifier; the authors compute them from a third, strongly augmented view
 * @param statistics class statistics of the training images
 * @returns a scalar
 * @throws the errors of {@link balancedContrastive}
 */
export function bclLoss(
  features: tf.Tensor3D,
  centres: tf.Tensor2D,
  logits: tf.Tensor2D,
  labels: tf.Tensor1D,
  statistics: ClassFrequencies,
  options: BclOptions = {},
): tf.Scalar {
  const where = 'bclLoss';
  checkOptionNames(where, options, ['temperature', 'classification', 'contrastive']);
  const { classification = 1, contrastive = 0.35 } = options;
  checkNumber(where, 'options.classification', classification, { min: 0 });
  checkNumber(where, 'options.contrastive', contrastive, { min: 0 });
  checkShapes(where, { features: [features, 'B V D'], centres: [centres, 'C D'], logits: [logits, 'B C'] });
  return tf.tidy(() => {
    const balanced = contrast(where, features, centres, labels, options);
    if (logits.size === 0) return tf.add(balanced, lossOfNothing(logits));
    const entropy = balancedSoftmax(logits, atClass(labels, logits.shape[1]), statistics);
    return tf.add(tf.mul(entropy, classification), tf.mul(balanced, contrastive));
  });
}

function contrast(
  where: string,
  features: tf.Tensor3D,
  centres: tf.Tensor2D,
  labels: tf.Tensor1D,
  { temperature = 0.07 }: BalancedContrastiveOptions,
): tf.Scalar {
  checkShapes(where, {
    two: [{ shape: [2] }, 'V'],
    features: [features, 'B V D'],
    centres: [centres, 'C D'],
    labels: [labels, 'B'],
  });
  checkTemperature(where, temperature);
  const [C] = centres.shape;
  checkWholeTensor(where, 'labels', labels, 0, C - 1);
  return tf.tidy(() => {
    const [B, V, D] = features.shape;
    if (features.size === 0) return lossOfNothing(features, centres);
    const views = tf.reshape<tf.Rank.R2>(tf.transpose(features, [1, 0, 2]), [V * B, D]);
    const of = tf.tile(tf.cast(labels, 'int32'), [V]) as tf.Tensor1D;
    const classes = tf.concat1d([of, tf.range(0, C, 1, 'int32')]);
    const same = sameLabels(of, classes);
    const counts = tf.sum(sameLabels(classes, classes), 1);
    const [A, M] = same.shape;
    const positives = tf.sub<tf.Tensor2D>(same, itself(A, M, M));
    const losses = denseContrast({
      keys: tf.concat2d([views, centres], 0),
      temperature,
      offsets: tf.neg(tf.log(tf.maximum<tf.Tensor2D>(tf.sub(counts, same), 1))),
      targets: tf.div<tf.Tensor2D>(positives, tf.sum(positives, 1, true)),
    });
    return tf.mean<tf.Scalar>(losses);
  });
}
