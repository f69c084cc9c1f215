import { fromHost } from '@ltml/tensor';
import type { StepContext } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { contrastiveLoss, pairPlaces } from './contrastive.ts';
import type { ContrastiveConfig } from './contrastive-config.ts';
import { contrastiveWeight } from './schedule.ts';

/** The contrastive loss of a step, times its weight. Negatives are drawn from the stream `pairs`. */
export function contrastiveTerm(
  features: tf.Tensor3D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D,
  { weight, pairs, reduction }: ContrastiveConfig,
  context: StepContext,
): tf.Scalar {
  const [B, C] = labels.shape;
  const order = (): tf.Tensor1D => {
    const shuffled = (): Float32Array => context.random.stream('pairs').shuffle(Float32Array.from(pairPlaces(B, C)));
    return fromHost([(C * B * (B - 1)) / 2], shuffled) as tf.Tensor1D;
  };
  const loss = contrastiveLoss(features, labels, known, { pairs: pairs === 'sampled' ? order() : pairs, reduction });
  const factor = fromHost([], () => {
    const { step, totalSteps, epochs } = context;
    return Float32Array.of(contrastiveWeight(step, totalSteps / epochs, weight));
  });
  return tf.mul(loss, factor);
}
