import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOp } from './raw-op.ts';

/** {logits [B, C], targets [B, C]} → loss of each row [B], gradient of the logits [B, C]. */
export const softmaxCrossEntropy: Kernel = {
  name: 'ltml/SoftmaxCrossEntropy',
  create:
    () =>
    ({ inputs, backend }) => {
      const { logits, targets } = inputs as Record<string, tf.TensorInfo>;
      return runRawOp(backend, 'SoftmaxCrossEntropyWithLogits', {}, [logits, targets], 2);
    },
};
