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

export interface ProcoOptions extends ConcentrationOptions {
  /** τ, default 0.07 (ImageNet-LT, iNaturalist); 0.1 for CIFAR. */
  readonly temperature?: number;
}

/** What ProCo remembers: at the start of each epoch `older` becomes `newer`, and `newer` starts afresh. */
export type ProcoEstimators = {
  /** What the logits come from. */
  readonly older: VmfEstimator;
  /** What the next epoch will take them from. */
  readonly newer: VmfEstimator;
};

/**
 * The logits of a contrast with endlessly many keys of each class, whose features are von Mises–Fisher distributed. It needs
 * neither a queue nor large batches.
 *
 *     logit_bc = log E e^{z_b·key/τ} = g(‖κ_c·μ_c + z_b/τ‖) − g(κ_c),  g(k) = log I_ν(k) − ν·log k,  ν = D/2 − 1
 *
 * Axes: B images, C classes, D features.
 *
 * @param features [B, D] z, of length 1
 * @param estimator of the training images; no gradient flows to it
 * @returns [B, C]
 * @throws ShapeError, OptionError unless D is even and at least 4
 *
 * It is computed in double precision on the host, value and derivatives together, so it is no part of a compiled step.
 * Source: Du et al. (ProCo), TPAMI 2024, and their code, whose Bessel functions are wrong for the κ of classes seen once.
 */
export function procoLogits(features: tf.Tensor2D, estimator: VmfEstimator, options: ProcoOptions = {}): tf.Tensor2D {
  checkOptionNames('procoLogits', options, ['temperature', 'kappa', 'largest']);
  return logitsOf('procoLogits', features, estimator, options);
}

/**
 * Takes in the features of both views of a batch, one after the other. No gradient flows.
 *
 * @param views two of [B, D]
 * @param labels [B] classes
 * @returns what the logits of each view see, and the state after both; all new tensors
 * @throws ShapeError; DataError on a label that is no class
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
 * Probabilistic contrastive loss: the mean over two views of the cross-entropy of {@link procoLogits} + log π, in nats.
 *
 * @param views two of [B, D] unit features
 * @param labels [B] classes
 * @param seen the estimators after each view, see {@link procoStep}
 * @param statistics of the images that are trained on
 * @returns a scalar; the authors add the cross-entropy of a classifier
 * @throws as {@link procoLogits}
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
