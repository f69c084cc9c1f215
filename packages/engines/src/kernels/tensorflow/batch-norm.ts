import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { type RawAttributes, runRawOp } from './raw-op.ts';

export const batchNorm: Kernel = {
  name: 'ltml/BatchNorm',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { x, gamma, beta } = inputs as Record<string, tf.Tensor>;
      return tf.tidy(() => {
        // Not given to an op that only updates by a moving average: the factor 1 takes the batch's own statistics.
        const none = tf.tensor1d([]);
        const operands = [asMap(x), gamma, beta, none, none];
        const [y, mean, unbiased] = runRawOp(backend, 'FusedBatchNormV3', rawAttributes(attrs), operands, 6);
        const N = x.shape[0];
        return [tf.reshape(y, x.shape), mean, tf.mul(unbiased, (N - 1) / N)];
      });
    },
};

export const batchNormGrad: Kernel = {
  name: 'ltml/BatchNormGrad',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { dy, x, gamma, mean, variance } = inputs as Record<string, tf.Tensor>;
      return tf.tidy(() => {
        const { isUsingGpuDevice } = backend as { isUsingGpuDevice?: boolean };
        const { epsilon } = attrs as { epsilon: number };
        // What the forward op reserves: the variance on a CPU, 1 / √(v + ε) on a GPU, where cuDNN wants it.
        const reserved = isUsingGpuDevice ? tf.rsqrt(tf.add(variance, epsilon)) : variance;
        const operands = [asMap(dy), asMap(x), gamma, mean, reserved, tf.tensor1d([])];
        const [dx, dGamma, dBeta] = runRawOp(backend, 'FusedBatchNormGradV3', rawAttributes(attrs), operands, 5);
        return [tf.reshape(dx, x.shape), dGamma, dBeta];
      });
    },
};

/** [N, C] → [1, N, 1, C], the rank the ops want. As rows, because cuDNN limits the size of a batch. */
function asMap(rows: tf.Tensor): tf.Tensor4D {
  const [N, C] = (rows as tf.Tensor2D).shape;
  return tf.reshape(rows, [1, N, 1, C]);
}

function rawAttributes(attrs: unknown): RawAttributes {
  const { epsilon } = attrs as { epsilon: number };
  return {
    floatTypes: ['T', 'U'],
    floats: { epsilon },
    strings: { data_format: 'NHWC' },
    bools: { is_training: true },
  };
}
