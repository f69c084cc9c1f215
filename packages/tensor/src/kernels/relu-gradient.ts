import * as tf from '@tensorflow/tfjs-core';
import { runKernelOr } from '../ops/run-kernel.ts';

/**
 * Gradient of `tf.relu`: dx = dy where x > 0, else 0, also where x is 0 (PyTorch's choice).
 *
 * TensorFlow.js' own makes a tensor of zeros and ones first: two to five passes where one is enough.
 */
export const reluGradient: tf.GradConfig = {
  kernelName: 'Relu',
  inputsToSave: ['x'],
  gradFunc: (dy, [x]) => ({
    x: () =>
      runKernelOr('ltml/ReluGrad', { dy: dy as tf.Tensor, x }, {}, () =>
        tf.mul(dy as tf.Tensor, tf.cast(tf.step(x), 'float32')),
      ),
  }),
};
