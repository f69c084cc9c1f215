import { checkChoice, checkLabelTensor, checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link distillationLoss}. */
export interface DistillationLossOptions {
  /**
   * - `mean` (default): the mean over images and features, as in the authors' code.
   * - `rowNorm`: the L1 norm over features, then the mean over images, as in equation 5. It is D times as large.
   */
  readonly reduction?: 'mean' | 'rowNorm';
  /** [B] 1 for an image that counts, 0 for one that does not. Default: all count. */
  readonly counted?: tf.Tensor1D;
}

/**
 * L1 distance between the student's and the teacher's embeddings of an image. Neither is L2-normalised.
 *
 * Axes: B images, D features.
 *
 * @param student [B, D]
 * @param teacher [B, D]; no gradient flows to it
 * @returns a scalar
 * @throws ShapeError, OptionError; DataError if `counted` has values other than 0 and 1
 *
 * Edge cases: where both are equal, the gradient is 0. If no image counts, or the batch is empty, the loss is 0.
 *
 * Source: He et al. (MKT), AAAI 2023, equation 5, and their code.
 */
export function distillationLoss(
  student: tf.Tensor2D,
  teacher: tf.Tensor2D,
  options: DistillationLossOptions = {},
): tf.Scalar {
  const where = 'distillationLoss';
  checkOptionNames(where, options, ['reduction', 'counted']);
  const { reduction = 'mean', counted } = options;
  const { B, D } = checkShapes(where, { student: [student, 'B D'], teacher: [teacher, 'B D'] });
  if (counted) {
    checkShapes(where, { student: [student, 'B D'], 'options.counted': [counted, 'B'] });
    checkLabelTensor(where, 'options.counted', counted);
  }
  checkChoice(where, 'options.reduction', reduction, ['mean', 'rowNorm']);
  const loss = tf.customGrad((...args) => {
    const [x, save] = args as unknown as [tf.Tensor2D, tf.GradSaveFunc];
    // Engines disagree on the sum of an empty tensor.
    if (student.size === 0) return { value: tf.scalar(0), gradFunc: () => [tf.zeros(student.shape)] };
    const difference = tf.sub(x, teacher);
    const chosen = counted && tf.cast(counted, 'float32');
    const images = chosen ? tf.maximum(tf.sum(chosen), 1) : B;
    const weight = tf.div(chosen ? tf.expandDims(chosen, 1) : 1, tf.mul(images, reduction === 'mean' ? D : 1));
    // The gradient of tf.abs at 0 is −1. The sign used here gives 0.
    save([tf.mul(tf.sign(difference), weight)]);
    return {
      value: tf.sum(tf.mul(tf.abs(difference), weight)),
      gradFunc: (dy: tf.Tensor, [derivative]: tf.Tensor[]) => [tf.mul(derivative, dy)],
    };
  });
  return loss(student) as tf.Scalar;
}
