import { partialBinaryCrossEntropy, partialBinaryCrossEntropyPerImage, type Reduction } from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import { matrix, unknownIsZero } from '../../../packages/losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters } from '../../../packages/tensor/parity/adapter.ts';

const sarbPartial: ParityAdapter = (inputs) => {
  const logits = matrix(inputs, 'logits');
  const { present, known } = unknownIsZero(matrix(inputs, 'targets'));
  const loss = (reduction: 'mean' | 'sum') =>
    tf.valueAndGrads((x, y) => partialBinaryCrossEntropy(x as tf.Tensor2D, y as tf.Tensor2D, { known, reduction }))([
      logits,
      present,
    ]);
  const mean = loss('mean');
  const sum = loss('sum');
  return {
    loss_mean: mean.value,
    loss_sum: sum.value,
    loss_none: partialBinaryCrossEntropy(logits, present, { known, reduction: 'none' }),
    known_count: tf.sum(known),
    'grad_mean.logits': mean.grads[0],
    'grad_mean.targets': mean.grads[1],
    'grad_sum.logits': sum.grads[0],
  };
};

const sarbPartialPerImage: ParityAdapter = (inputs) => {
  const logits = matrix(inputs, 'logits');
  const { present, known } = unknownIsZero(matrix(inputs, 'targets'));
  const loss = <R extends Reduction>(x: tf.Tensor2D, reduction: R) =>
    partialBinaryCrossEntropyPerImage(x, present, { known, reduction });
  const sum = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, 'sum'))(logits);
  return {
    loss_per_image: loss(logits, 'none'),
    loss_sum: sum.value,
    loss_mean_images: loss(logits, 'mean'),
    'grad_sum.logits': sum.grad,
  };
};

/** Comparison of the partial binary cross-entropy of SARB. */
export const partialLossAdapters: ParityAdapters = {
  partialBCE: sarbPartial,
  partialBCEPerImage: sarbPartialPerImage,
};
