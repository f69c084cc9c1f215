import { balancedSoftmax, type ClassFrequencies } from '@ltml/losses';
import { checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkTemperature } from './contrastive-loss.ts';
import { atClass } from './dense-contrast.ts';
import { logBesselI } from './log-bessel.ts';
import {
  type ConcentrationOptions,
  concentrationsOf,
  directionsOf,
  type VmfEstimator,
  vmfEstimator,
} from './vmf-estimator.ts';

/** Options of {@link procoLogits} and {@link procoLoss}. */
export interface ProcoOptions extends ConcentrationOptions {
  /** τ, above 0. Default 0.07: ImageNet-LT and iNaturalist. (0.1 for CIFAR.) */
  readonly temperature?: number;
}

/** The state of ProCo. At the start of each epoch, set `older` to `newer` and restart `newer`; see {@link startVmf}. */
export type ProcoEstimators = {
  /** The estimates of the last epoch, from which logits are computed. */
  readonly older: VmfEstimator;
  /** The estimates of this epoch, for the logits of the next one. */
  readonly newer: VmfEstimator;
};

/**
 * The logits of ProCo: the limit of a contrastive loss with infinitely many keys of each class. The keys of a class
 * follow a von Mises–Fisher distribution. No queue and no large batches are needed.
 *
 *     logit_bc = log E e^{z_b·key/τ} = g(‖κ_c·μ_c + z_b/τ‖) − g(κ_c),  g(k) = log I_ν(k) − ν·log k,  ν = D/2 − 1
 *
 * Axes: B images, C classes, D features.
 *
 * Values and derivatives are computed in double precision in JavaScript, so this does not work in a compiled step.
 *
 * @param features [B, D] z, unit vectors
 * @param estimator estimates from the training images; it gets no gradient
 * @returns [B, C]
 * @throws ShapeError; OptionError unless D is even and at least 4
 *
 * Source: Du et al. (ProCo), TPAMI 2024, and their code. Its Bessel functions are wrong for the κ of classes with one
 * image.
 */
export function procoLogits(features: tf.Tensor2D, estimator: VmfEstimator, options: ProcoOptions = {}): tf.Tensor2D {
  checkOptionNames('procoLogits', options, ['temperature', 'kappa', 'largest']);
  return logitsOf('procoLogits', features, estimator, options);
}

/**
 * Updates the estimates with the features of both views of a batch, one after the other. No gradient flows.
 *
 * @param views two tensors [B, D]
 * @param labels [B] class indices
 * @returns the estimates for the logits of each view, and the state after both; all are new tensors
 * @throws ShapeError; DataError for a label outside the classes
 */
export function procoStep(
  { older, newer }: ProcoEstimators,
  views: readonly [tf.Tensor2D, tf.Tensor2D],
  labels: tf.Tensor1D,
): { readonly seen: readonly [VmfEstimator, VmfEstimator]; readonly estimators: ProcoEstimators } {
  const both = (estimator: VmfEstimator): [VmfEstimator, VmfEstimator] => {
    const first = vmfEstimator(estimator, views[0], labels);
    return [first, vmfEstimator(first, views[1], labels)];
  };
  const [first, second] = both(older);
  const [passing, next] = both(newer);
  tf.dispose([passing.mean, passing.counts]);
  return { seen: [first, second], estimators: { older: second, newer: next } };
}

/**
 * Probabilistic contrastive loss (ProCo), in nats: the cross-entropy of {@link procoLogits} + log π, averaged over two
 * views.
 *
 * @param views two tensors [B, D] of unit vectors
 * @param labels [B] class indices
 * @param seen the estimates after each view, from {@link procoStep}
 * @param statistics class statistics of the training images
 * @returns a scalar; the authors add the cross-entropy of a classifier to it
 * @throws the errors of {@link procoLogits}
 */
export function procoLoss(
  views: readonly [tf.Tensor2D, tf.Tensor2D],
  labels: tf.Tensor1D,
  seen: readonly [VmfEstimator, VmfEstimator],
  statistics: ClassFrequencies,
  options: ProcoOptions = {},
): tf.Scalar {
  checkOptionNames('procoLoss', options, ['temperature', 'kappa', 'largest']);
  return tf.tidy(() => {
    const losses = views.map((view, v) => {
      const logits = logitsOf('procoLoss', view, seen[v], options);
      return balancedSoftmax(logits, atClass(labels, logits.shape[1]), statistics);
    });
    return tf.div<tf.Scalar>(tf.add(losses[0], losses[1]), 2);
  });
}

function logitsOf(
  where: string,
  features: tf.Tensor2D,
  { mean }: VmfEstimator,
  { temperature = 0.07, ...concentration }: ProcoOptions,
): tf.Tensor2D {
  checkShapes(where, { features: [features, 'B D'], 'estimator.mean': [mean, 'C D'] });
  checkTemperature(where, temperature);
  const [B, D] = features.shape;
  const [C] = mean.shape;
  const { unit, lengths } = directionsOf(mean);
  const kappa = concentrationsOf(where, lengths, D, concentration);
  const order = D / 2 - 1;
  const op = tf.customGrad((...args) => {
    const save = args[1] as tf.GradSaveFunc;
    if (B * C === 0) return { value: tf.zeros([B, C]), gradFunc: () => [tf.zeros([B, D])] };
    const z = features.dataSync();
    const lengthened = new Float64Array(B * C);
    for (let b = 0; b < B; b++) {
      let square = 0;
      for (let d = 0; d < D; d++) square += z[b * D + d] ** 2;
      for (let c = 0; c < C; c++) {
        let dot = 0;
        for (let d = 0; d < D; d++) dot += z[b * D + d] * unit[c * D + d];
        const k = kappa[c];
        lengthened[b * C + c] = Math.sqrt(Math.max(k * k + (2 * k * dot) / temperature + square / temperature ** 2, 0));
      }
    }
    const { logNorm, ratio } = logBesselI(order, lengthened);
    const { logNorm: ofClass } = logBesselI(order, kappa);
    const logits = tf.tensor2d(
      Float32Array.from(logNorm, (norm, i) => norm - ofClass[i % C]),
      [B, C],
    );
    const steepness = tf.tensor2d(
      Float32Array.from(ratio, (rho, i) => (lengthened[i] > 0 ? rho / (lengthened[i] * temperature) : 0)),
      [B, C],
    );
    save([
      steepness,
      tf.tensor2d(
        Float32Array.from(unit, (u, i) => kappa[Math.floor(i / D)] * u),
        [C, D],
      ),
      features,
    ]);
    return {
      value: logits,
      gradFunc: (dy: tf.Tensor, [steepness, scaled, z]: tf.Tensor[]) => {
        const weights = tf.mul<tf.Tensor2D>(dy, steepness);
        const along = tf.mul(z, tf.div(tf.sum(weights, 1, true), temperature));
        return [tf.add(tf.matMul(weights, scaled as tf.Tensor2D), along)];
      },
    };
  });
  return op(features) as tf.Tensor2D;
}
