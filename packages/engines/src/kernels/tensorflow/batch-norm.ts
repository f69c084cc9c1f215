import * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { type RawAttributes, runRawOp } from './raw-op.ts';

/** {x [N, C], gamma [C], beta [C]} → y [N, C], mean [C], biased variance [C]. */
export const batchNorm: Kernel = {
  name: 'ltml/BatchNorm',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { x, gamma, beta } = inputs as Record<string, tf.Tensor>;
      return tf.tidy(() => {
        // The op needs no statistics as input: without a moving average it uses those of the batch.
        const none = tf.tensor1d([]);
        const operands = [asMap(x), gamma, beta, none, none];
        const [y, mean, unbiased] = runRawOp(backend, 'FusedBatchNormV3', rawAttributes(attrs), operands, 6);
        const N = x.shape[0];
        return [tf.reshape(y, x.shape), mean, tf.mul(unbiased, (N - 1) / N)];
      });
    },
};

/** {dy, x, gamma, mean, variance} → dx [N, C], dGamma [C], dBeta [C]. */
export const batchNormGrad: Kernel = {
  name: 'ltml/BatchNormGrad',
  create:
    () =>
    ({ inputs, attrs, backend }) => {
      const { dy, x, gamma, mean, variance } = inputs as Record<string, tf.Tensor>;
      return tf.tidy(() => {
        const { isUsingGpuDevice } = backend as { isUsingGpuDevice?: boolean };
        const { epsilon } = attrs as { epsilon: number };
        // What the forward op stores for the gradient: the variance on a CPU; 1 / √(v + ε) on a GPU, as cuDNN needs it.
        const reserved = isUsingGpuDevice ? tf.rsqrt(tf.add(variance, epsilon)) : variance;
        const operands = [asMap(dy), asMap(x), gamma, mean, reserved, tf.tensor1d([])];
        const [dx, dGamma, dBeta] = runRawOp(backend, 'FusedBatchNormGradV3', rawAttributes(attrs), operands, 5);
        return [tf.reshape(dx, x.shape), dGamma, dBeta];
      });
    },
};

/**
 * [N, C] → [1, N, 1, C], the rank that the ops need. N is not the batch axis, because cuDNN limits the size of a batch.
 */
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
