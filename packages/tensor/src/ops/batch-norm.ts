import * as tf from '@tensorflow/tfjs-core';
import { ShapeError } from '../errors.ts';
import { checkShapes } from '../shapes.ts';
import { customGradient, handOver } from './custom-gradient.ts';

export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** What a training pass of batch norm gives. No gradient flows through the statistics. */
export interface BatchNormTraining {
  /** [..., C] */
  readonly y: tf.Tensor;
  /** [C] mean over the batch. */
  readonly mean: tf.Tensor1D;
  /** [C] biased variance over the batch; times n / (n − 1) it is what running statistics take. */
  readonly variance: tf.Tensor1D;
}

/**
 * Normalises each channel by the mean and the biased variance of the batch: y = γ · (x − m) / √(v + ε) + β.
 *
 * The gradient flows through m and v: dx = γ/√(v + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)).
 *
 * @param x [..., C] channels last, any number of axes before
 * @param gamma [C]
 * @param beta [C]
 * @throws ShapeError, also when a channel has one value only
 * Source: Ioffe and Szegedy 2015, algorithm 1; values and errors as in PyTorch.
 */
export function batchNormTraining(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  options: BatchNormOptions = {},
): BatchNormTraining {
  const { epsilon = 1e-5 } = options;
  const [N, C] = checkChannels('batchNormTraining', x, { gamma, beta });
  if (N < 2) {
    throw new ShapeError({
      where: 'batchNormTraining',
      argument: 'x',
      expected: 'more than one value in each channel',
      received: `[${x.shape.join(', ')}]`,
      hint: 'One value has no variance: use a larger batch or evaluation mode.',
    });
  }
  let statistics: [tf.Tensor1D, tf.Tensor1D] | undefined;
  const y = customGradient(
    [x, gamma, beta],
    () => {
      const rows = tf.reshape(x, [N, C]);
      const mean = tf.mean<tf.Tensor1D>(rows, 0);
      const centred = tf.sub(rows, mean);
      const variance = tf.mean<tf.Tensor1D>(tf.square(centred), 0);
      statistics = [tf.keep(mean), tf.keep(variance)];
      const scale = tf.rsqrt(tf.add(variance, epsilon));
      const normal = tf.mul(centred, scale);
      const value = tf.reshape(tf.add(tf.mul(normal, gamma), beta), x.shape);
      return { value, saved: [normal, scale, gamma] };
    },
    (dy, [normal, scale, gamma]) => {
      const rows = tf.reshape(dy, [N, C]);
      const dBeta = tf.sum(rows, 0);
      const dGamma = tf.sum(tf.mul(rows, normal), 0);
      const through = tf.add(tf.mul(normal, tf.div(dGamma, N)), tf.div(dBeta, N));
      const dx = tf.mul(tf.sub(rows, through), tf.mul(scale, gamma));
      return [tf.reshape(dx, x.shape), dGamma, dBeta];
    },
  );
  const [mean, variance] = statistics as [tf.Tensor1D, tf.Tensor1D];
  return { y, mean: handOver(mean), variance: handOver(variance) };
}

/**
 * Normalises each channel by given statistics: y = γ · (x − m) / √(v + ε) + β.
 *
 * One multiplication and one addition over x; the gradient reaches x, γ and β.
 *
 * @param x [..., C]
 * @param statistics `mean` and `variance`, [C]
 * @throws ShapeError
 */
export function batchNormInference(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  statistics: { readonly mean: tf.Tensor; readonly variance: tf.Tensor },
  options: BatchNormOptions = {},
): tf.Tensor {
  const { epsilon = 1e-5 } = options;
  const { mean, variance } = statistics;
  checkChannels('batchNormInference', x, { gamma, beta, mean, variance });
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
}

function checkChannels(where: string, x: tf.Tensor, perChannel: Record<string, tf.Tensor>): [rows: number, C: number] {
  const C = x.shape[x.rank - 1] ?? 1;
  const rows = C === 0 ? 0 : x.size / C;
  checkShapes(where, {
    x: [{ shape: [rows, C] }, 'N C'],
    ...Object.fromEntries(Object.entries(perChannel).map(([name, tensor]) => [name, [tensor, 'C'] as const])),
  });
  return [rows, C];
}
