import * as tf from '@tensorflow/tfjs-core';
import {
  anchorGradient,
  anchorTerm,
  type ContrastBatch,
  type ContrastOptions,
  type Targets,
} from './contrastive-loss.ts';
import { type KeySums, sumKeys } from './key-sums.ts';
import { filledSlots } from './labelled-keys.ts';
import { type Patches, patchGradient, patchQueries, patchTerm } from './pbsd.ts';

/** The two terms of equation 15, before their means. */
export interface JointLoss {
  /** [B] contrastive loss of the anchors. */
  readonly contrast: tf.Tensor1D;
  /** [L, B] PBSD of the patches. */
  readonly distillation: tf.Tensor2D;
}

/**
 * A contrastive loss and PBSD, with one pass over their common queue: anchors, teachers and students are multiplied by
 * each block of keys together. Values and gradients are those of the two separate losses.
 */
export function jointLoss(
  batch: ContrastBatch,
  patches: Patches,
  options: Required<ContrastOptions>,
  targets: Targets,
): JointLoss {
  const { anchors, ownKeys, queue } = batch;
  const [B] = anchors.shape;
  const [L] = patches.students.shape;
  const { temperature } = options;
  const op = tf.customGrad((...args) => {
    const save = args[2] as tf.GradSaveFunc;
    const queries = tf.concat2d([tf.div<tf.Tensor2D>(anchors, temperature), patchQueries(patches, temperature)], 0);
    const sums = sumKeys(queries, queue.keys, filledSlots(queue));
    const [forAnchors, forPatches] = splitSums(sums, B);
    const { value, saved } = anchorTerm(batch, forAnchors, options, targets);
    const { value: patchValue, direction } = patchTerm(patches, ownKeys, forPatches, temperature);
    save([direction, ...saved]);
    return {
      value: tf.concat([value, tf.reshape(patchValue, [-1])]),
      gradFunc: (dy: tf.Tensor, [direction, ...saved]: tf.Tensor[]) => [
        anchorGradient(tf.slice(dy as tf.Tensor1D, [0], [B]), saved),
        patchGradient(tf.reshape(tf.slice(dy, [B], [L * B]), [L, B]), direction),
      ],
    };
  });
  const values = op(anchors, patches.students);
  return {
    contrast: tf.slice(values as tf.Tensor1D, [0], [B]),
    distillation: tf.reshape(tf.slice(values, [B], [L * B]), [L, B]),
  };
}

/** The first `rows` queries, and the others. */
function splitSums(sums: KeySums, rows: number): readonly [KeySums, KeySums] {
  const cut = (x: tf.Tensor2D, from: number, size: number): tf.Tensor2D => tf.slice(x, [from, 0], [size, x.shape[1]]);
  const part = (from: number, size: number): KeySums => ({
    max: cut(sums.max, from, size),
    sum: cut(sums.sum, from, size),
    weighted: cut(sums.weighted, from, size),
  });
  return [part(0, rows), part(rows, sums.max.shape[0] - rows)];
}
