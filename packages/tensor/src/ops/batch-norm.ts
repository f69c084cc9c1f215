import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../check-options.ts';
import { ShapeError } from '../errors.ts';
import { checkShapes, checkTensor } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient, handOver } from './custom-gradient.ts';
import { runKernelOr } from './run-kernel.ts';

/** Options of the batch norm ops. */
export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
}

/** The result of batch norm in training. No gradient flows through the statistics. */
export interface BatchNormTraining {
  /** [..., C] */
  readonly y: tf.Tensor;
  /** [C] mean over the batch. */
  readonly mean: tf.Tensor1D;
  /** [C] biased variance over the batch. Running statistics use it times n / (n − 1). */
  readonly variance: tf.Tensor1D;
}

/**
 * Batch norm in training: normalises each channel by the batch's mean and biased variance, y = γ · (x − m) / √(v + ε) +
 * β.
 *
 * The gradient flows through m and v: dx = γ/√(v + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)).
 *
 * @param x [..., C] channels last, any number of axes before
 * @param gamma [C]
 * @param beta [C]
 * @throws ShapeError, also if a channel has only one value; OptionError
 * Source: Ioffe and Szegedy 2015, algorithm 1; values and errors as in PyTorch.
 */
export function batchNormTraining(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  options: BatchNormOptions = {},
): BatchNormTraining {
  checkOptionNames('batchNormTraining', options, ['epsilon']);
  const { epsilon = 1e-5 } = options;
  const [N] = checkChannels('batchNormTraining', x, { gamma, beta });
  if (N < 2) {
    throw new ShapeError({
      where: 'batchNormTraining',
      argument: 'x',
      expected: 'more than one value in each channel',
      received: `[${x.shape.join(', ')}]`,
      hint: 'A single value has no variance. Use a larger batch or evaluation mode.',
    });
  }
  checkNumber('batchNormTraining', 'options.epsilon', epsilon, { min: 0 });
  return tf.tidy(() => normaliseByBatch(x, gamma, beta, epsilon));
}

function normaliseByBatch(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number) {
  const rows = tf.reshape<tf.Rank.R2>(asFloat(x), [x.size / gamma.size, gamma.size]);
  let statistics: tf.Tensor[] = [];
  const y = customGradient(
    [rows, gamma, beta],
    () => {
      const [y, mean, variance] = normalise(rows, gamma, beta, epsilon);
      statistics = [tf.keep(mean), tf.keep(variance)];
      return { value: y, saved: [rows, gamma, mean, variance] };
    },
    (dy, [rows, gamma, mean, variance]) => {
      const inputs = { dy, x: rows, gamma, mean, variance };
      return runKernelOr('ltml/BatchNormGrad', inputs, { epsilon }, () => composedGradient(inputs, epsilon));
    },
  );
  const [mean, variance] = statistics as [tf.Tensor1D, tf.Tensor1D];
  return { y: tf.reshape(y, x.shape), mean: handOver(mean), variance: handOver(variance) };
}

/** [y, mean, biased variance] */
function normalise(rows: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor[] {
  return runKernelOr('ltml/BatchNorm', { x: rows, gamma, beta }, { epsilon }, () => {
    const mean = tf.mean(rows, 0);
    const centred = tf.sub(rows, mean);
    const variance = tf.mean(tf.square(centred), 0);
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    return [tf.add(tf.mul(centred, scale), beta), mean, variance];
  });
}

interface GradientInputs {
  readonly dy: tf.Tensor;
  readonly x: tf.Tensor;
  readonly gamma: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
}

/** [dx, dγ, dβ] */
function composedGradient({ dy, x, gamma, mean, variance }: GradientInputs, epsilon: number): tf.Tensor[] {
  const N = x.shape[0];
  const scale = tf.rsqrt(tf.add(variance, epsilon));
  const normal = tf.mul(tf.sub(x, mean), scale);
  const dBeta = tf.sum(dy, 0);
  const dGamma = tf.sum(tf.mul(dy, normal), 0);
  const through = tf.add(tf.mul(normal, tf.div(dGamma, N)), tf.div(dBeta, N));
  return [tf.mul(tf.sub(dy, through), tf.mul(scale, gamma)), dGamma, dBeta];
}

/**
 * Batch norm in evaluation: normalises each channel by given statistics, y = γ · (x − m) / √(v + ε) + β.
 *
 * It takes one multiplication and one addition over x. The gradient reaches x, γ and β.
 *
 * @param x [..., C]
 * @param statistics `mean` and `variance`, [C]
 * @throws ShapeError, OptionError
 */
export function batchNormInference(
  x: tf.Tensor,
  gamma: tf.Tensor,
  beta: tf.Tensor,
  statistics: { readonly mean: tf.Tensor; readonly variance: tf.Tensor },
  options: BatchNormOptions = {},
): tf.Tensor {
  checkOptionNames('batchNormInference', options, ['epsilon']);
  const { epsilon = 1e-5 } = options;
  const { mean, variance } = statistics;
  checkChannels('batchNormInference', x, { gamma, beta, mean, variance });
  checkNumber('batchNormInference', 'options.epsilon', epsilon, { min: 0 });
  return tf.tidy(() => {
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
    return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale)));
  });
}

function checkChannels(where: string, x: tf.Tensor, perChannel: Record<string, tf.Tensor>): [rows: number, C: number] {
  const C = checkTensor(where, 'x', x).at(-1) ?? 1;
  const rows = C === 0 ? 0 : x.size / C;
  checkShapes(where, {
    x: [{ shape: [rows, C] }, 'N C'],
    ...Object.fromEntries(Object.entries(perChannel).map(([name, tensor]) => [name, [tensor, 'C'] as const])),
  });
  return [rows, C];
}
