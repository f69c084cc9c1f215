import * as tf from '@tensorflow/tfjs-core';

/**
 * Runs a part of a network that no gradient flows through: a teacher, frozen weights. What it makes on the way is freed
 * at once, since no backward pass will ask for it.
 *
 * (PyTorch: `torch.no_grad()`.)
 */
export function withoutGradient<T extends tf.Tensor>(forward: () => T): T {
  return tf.customGrad(() => ({ value: forward(), gradFunc: () => [] }))() as T;
}
