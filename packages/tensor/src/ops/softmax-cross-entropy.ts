import * as tf from '@tensorflow/tfjs-core';
import { checkShapes } from '../shapes.ts';
import { asFloat } from './as-float.ts';
import { customGradient } from './custom-gradient.ts';
import { emptyOf } from './empty.ts';
import { runKernelOr } from './run-kernel.ts';
import { logSoftmax } from './softmax.ts';

/**
 * Softmax cross-entropy with a target distribution, one value for each row: −Σ_c t_c · log softmax(x)_c.
 *
 * d/dx = softmax(x) − t, computed together with the value. The targets get no gradient.
 *
 * @param logits [B, C] any finite numbers
 * @param targets [B, C] probabilities; each row must sum to 1, which the gradient assumes
 * @returns [B] in nats
 * @throws ShapeError
 */
export function softmaxCrossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  const { B, C } = checkShapes('softmaxCrossEntropy', { logits: [logits, 'B C'], targets: [targets, 'B C'] });
  if (B * C === 0) return emptyOf(logits, [B]);
  return tf.tidy(() => crossEntropy(asFloat(logits), targets));
}

function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D {
  return customGradient(
    [logits],
    () => {
      const inputs = { logits, targets: tf.cast(targets, 'float32') };
      const [value, derivative] = runKernelOr<tf.Tensor[]>('ltml/SoftmaxCrossEntropy', inputs, {}, () =>
        composed(inputs),
      );
      return { value: value as tf.Tensor1D, saved: [derivative] };
    },
    (dy, [derivative]) => [tf.mul(tf.expandDims(dy, 1), derivative)],
  );
}

function composed({ logits, targets }: Readonly<Record<'logits' | 'targets', tf.Tensor2D>>): tf.Tensor[] {
  const logProbabilities = logSoftmax(logits);
  const value = tf.neg(tf.sum(tf.mul(targets, logProbabilities), 1));
  return [value, tf.sub(tf.exp(logProbabilities), targets)];
}
