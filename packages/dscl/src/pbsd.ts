import { checkOptionNames, checkShapes } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkTemperature, crossEntropy } from './contrastive-loss.ts';
import { joinSums, type KeySums, ownKeySums, softmaxOf, sumKeys } from './key-sums.ts';

/** Options of {@link pbsdLoss}. */
export interface PbsdOptions {
  /** τ of teacher and student, above 0. Default 0.07: released code. */
  readonly temperature?: number;
  /** [1, K] 1 for a filled slot of the queue, 0 for an empty one. Default: all are filled. */
  readonly filled?: tf.Tensor2D;
}

/** Features of the patches of a batch: as regions of the whole image, and as separate images. */
export interface Patches {
  /** [L, B, D] c, pooled from the feature map of the query view and projected. They get no gradient. */
  readonly teachers: tf.Tensor3D;
  /** [L, B, D] s, from the patches encoded as separate images. */
  readonly students: tf.Tensor3D;
}

/**
 * Patch-based self-distillation (PBSD), in nats, one value for each patch. A patch on its own should be similar to the
 * same keys as the same region of the whole image:
 *
 *     L[j, i] = −Σ_t p(z_t | c_i[j]) · log p(z_t | s_i[j]),  t over {z_i⁺} and the queue
 *
 * Axes: L patches per image, B images, K keys, D features.
 *
 * @param ownKeys [B, D] z⁺, embeddings of the key view
 * @param queue [K, D]
 * @returns [L, B]
 * @throws ShapeError, OptionError
 *
 * Edge cases: the minimum for given teachers is not 0 but their entropy. There the gradient is 0.
 *
 * Source: Xuan and Zhang, AAAI 2024, equations 11–14.
 */
export function pbsdLoss(
  { teachers, students }: Patches,
  ownKeys: tf.Tensor2D,
  queue: tf.Tensor2D,
  options: PbsdOptions = {},
): tf.Tensor2D {
  checkOptionNames('pbsdLoss', options, ['temperature', 'filled']);
  const { temperature = 0.07, filled } = options;
  checkTemperature('pbsdLoss', temperature);
  checkPatches('pbsdLoss', { teachers, students }, ownKeys, queue);
  const op = tf.customGrad((...args) => {
    const save = args[1] as tf.GradSaveFunc;
    // Some engines fail on empty tensors.
    if (students.size === 0) {
      const value = tf.zeros(students.shape.slice(0, 2));
      return { value, gradFunc: () => [tf.zeros(students.shape)] };
    }
    const sums = sumKeys(patchQueries({ teachers, students }, temperature), queue, filled);
    const { value, direction } = patchTerm({ teachers, students }, ownKeys, sums, temperature);
    save([direction]);
    return { value, gradFunc: (dy: tf.Tensor, [direction]: tf.Tensor[]) => [patchGradient(dy, direction)] };
  });
  return op(students) as tf.Tensor2D;
}

export function checkPatches(
  where: string,
  { teachers, students }: Patches,
  ownKeys: tf.Tensor2D,
  queue: tf.Tensor2D,
): void {
  checkShapes(where, {
    'patches.teachers': [teachers, 'L B D'],
    'patches.students': [students, 'L B D'],
    ownKeys: [ownKeys, 'B D'],
    queue: [queue, 'K D'],
  });
}

/** The queries to compare with the queue: [2·L·B, D] teachers, then students, divided by the temperature. */
export function patchQueries({ teachers, students }: Patches, temperature: number): tf.Tensor2D {
  const D = students.shape[2];
  return tf.tidy(() => tf.div(tf.reshape(tf.concat([teachers, students], 0), [-1, D]), temperature));
}

/**
 * The losses of the patches, from the softmax sums of {@link patchQueries} over the queue.
 *
 * Σ_t p(z_t | c) z_t·s is the dot product of s and the teacher's mean key. So the teacher's distribution is never
 * stored.
 */
export function patchTerm(
  patches: Patches,
  ownKeys: tf.Tensor2D,
  queueSums: KeySums,
  temperature: number,
): { readonly value: tf.Tensor2D; readonly direction: tf.Tensor3D } {
  const [L, B, D] = patches.students.shape;
  return tf.tidy(() => {
    const queries = patchQueries(patches, temperature);
    const { logSumExp, meanKey } = softmaxOf(joinSums(queueSums, ownKeySums(queries, tf.tile(ownKeys, [2 * L, 1]))));
    const [teacherMean, studentMean] = tf.split<tf.Tensor2D>(meanKey, 2);
    const [, studentLogSumExp] = tf.split<tf.Tensor2D>(logSumExp, 2);
    const studentQueries = tf.slice(queries, [L * B, 0], [L * B, D]);
    const student = { logSumExp: studentLogSumExp, meanKey: studentMean };
    const { value, direction } = crossEntropy(studentQueries, student, teacherMean);
    return {
      value: tf.reshape(value, [L, B]),
      direction: tf.reshape(tf.div(direction, temperature), [L, B, D]),
    };
  });
}

export function patchGradient(dy: tf.Tensor, direction: tf.Tensor): tf.Tensor {
  return tf.mul(direction, tf.expandDims(dy, 2));
}
