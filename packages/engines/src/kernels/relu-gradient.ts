import { runKernelOr } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Gradient of `tf.relu`: dx = dy where x > 0 and where x is NaN, else 0, also where x is 0 (PyTorch's choices).
 *
 * It looks at y, which is positive where x is: the layer that follows holds y for its own gradient, so that x can go, and
 * TensorFlow can join the ReLU to the convolution before it. TensorFlow.js' own holds x, and makes a tensor of zeros and ones
 * first: two to five passes where one is enough.
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
