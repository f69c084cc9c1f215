import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from '../check-options.ts';
import { checkShapes, checkTensor } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient } from './custom-gradient.ts';
import { hasKernel } from './run-kernel.ts';

/** Options of {@link layerNorm}. */
export interface LayerNormOptions {
  /** ε ≥ 0, added to the variance; default 1e-5 (PyTorch, CLIP). ViTs of timm and torchvision use 1e-6. */
  readonly epsilon?: number;
}

/**
 * Layer norm over the last axis: y = γ · (x − m) / √(v + ε) + β, with mean m and biased variance v of each row.
 *
 * @param x [..., D]
 * @param gamma [D]
 * @param beta [D]
 * @throws ShapeError
 * Edge cases: a constant row gives β.
 * Source: Ba, Kiros and Hinton 2016.
 */
export function layerNorm(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, options: LayerNormOptions = {}): tf.Tensor {
  checkOptionNames('layerNorm', options, ['epsilon']);
  const { epsilon = 1e-5 } = options;
  const D = checkTensor('layerNorm', 'x', x).at(-1) ?? 1;
  checkShapes('layerNorm', { x: [{ shape: [D] }, 'D'], gamma: [gamma, 'D'], beta: [beta, 'D'] });
  checkNumber('layerNorm', 'options.epsilon', epsilon, { min: 0 });
  return tf.tidy(() => {
    const floats = asFloat(x);
    if (floats.size === 0) return nothingNormalised(floats, gamma, beta);
    if (hasKernel('ltml/LayerNorm')) return layerNormByKernel(floats, gamma, beta, epsilon);
    return composed(floats, gamma, beta, epsilon);
  });
}

function nothingNormalised(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor {
  return customGradient(
    [x, gamma, beta],
    () => ({ value: tf.zeros(x.shape), saved: [x, gamma, beta] }),
    (_, inputs) => inputs.map(({ shape }) => tf.zeros(shape)),
  );
}

function composed(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
  const D = gamma.size;
  return customGradient(
    [x, gamma, beta],
    () => {
      const rows = tf.reshape(x, [-1, D]);
      const centred = tf.sub(rows, tf.mean(rows, 1, true));
      const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon));
      const normal = tf.mul(centred, scale);
      const value = tf.reshape(tf.add(tf.mul(normal, gamma), beta), x.shape);
      return { value, saved: [normal, scale, gamma] };
    },
    (dy, [normal, scale, gamma]) => {
      const rows = tf.reshape(dy, [-1, D]);
      const scaled = tf.mul(rows, gamma);
      const through = tf.add(tf.mul(normal, tf.mean(tf.mul(scaled, normal), 1, true)), tf.mean(scaled, 1, true));
      const dx = tf.mul(tf.sub(scaled, through), scale);
      return [tf.reshape(dx, x.shape), tf.sum(tf.mul(rows, normal), 0), tf.sum(rows, 0)];
    },
  );
}

function layerNormByKernel(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): tf.Tensor {
  return customGradient(
    [x, gamma, beta],
    () => {
      const value: tf.Tensor = tf.engine().runKernel('ltml/LayerNorm', { x, gamma, beta }, { epsilon });
      return { value, saved: [x, gamma] };
    },
    (dy, [x, gamma]) => tf.engine().runKernel('ltml/LayerNormGrad', { dy, x, gamma }, { epsilon }),
  );
}
