import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs a part of a network that gets no gradient, e.g. a teacher or frozen weights. Intermediate tensors are freed at
 * once, because no backward pass needs them.
 *
 * (PyTorch: `torch.no_grad()`.)
 */
export function withoutGradient<T extends tf.Tensor>(forward: () => T): T {
  return tf.customGrad(() => ({ value: forward(), gradFunc: () => [] }))() as T;
}
