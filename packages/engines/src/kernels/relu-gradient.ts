import { runKernelOr } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradient of `tf.relu`: dx = dy where x > 0 or x is NaN; dx = 0 elsewhere, also at x = 0 (as in PyTorch).
 *
 * It uses the output y, which is positive where x is. The next layer needs y for its own gradient anyway, so x can be
 * freed, and TensorFlow can fuse the ReLU with the convolution before it. The gradient of TensorFlow.js keeps x and
 * first makes a tensor of zeros and ones, which takes two to five passes instead of one.
 */
export const reluGradient: tf.GradConfig = {
  kernelName: 'Relu',
  outputsToSave: [true],
  gradFunc: (dy, [y]) => ({
    x: () =>
      runKernelOr('ltml/ReluGrad', { dy: dy as tf.Tensor, y }, {}, () =>
        tf.where(tf.lessEqual(y, 0), 0, dy as tf.Tensor),
      ),
  }),
};
