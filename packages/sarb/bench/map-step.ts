import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { Batch, Learner, Task } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { prepareLearnerStep } from '../../tensor/bench/learner-step.ts';
import type { PreparedRow } from '../../tensor/bench/row.ts';

/** How large a network on feature maps and its batch are. */
export interface MapSizes {
  /** B */
  readonly images: number;
  /** Height and width of the feature map. */
  readonly side: number;
  /** Channels of the feature map. */
  readonly channels: number;
  /** C */
  readonly classes: number;
  /** D */
  readonly features: number;
  readonly innerFeatures: number;
}

export const coco: MapSizes = { images: 16, side: 7, channels: 2048, classes: 80, features: 1024, innerFeatures: 512 };

/** Of a word vector. */
export const wordFeatures = 300;

/** A task with a batch for it. */
export interface MapTask {
  readonly task: Task;
  /** [C, 300] */
  readonly words: tf.Tensor2D;
  readonly batch: Batch;
  /** Draws what else is needed. */
  readonly random: RandomStream;
}

/** A task of random images, a few positives in each; half of the labels are known. */
export function mapTask({ images, classes }: MapSizes, inputShape: readonly number[]): MapTask {
  const random = new RandomStream(1);
  const present = Uint8Array.from({ length: images * classes }, () => Number(random.uniform() < 0.04));
  const known = Float32Array.from(present, () => random.integer(2));
  const statistics = classStatistics({ rows: images, columns: classes, present });
  return {
    task: { classes: Array.from({ length: classes }, (_, c) => `${c}`), statistics },
    words: tf.randomNormal<tf.Rank.R2>([classes, wordFeatures], 0, 1, 'float32', 1),
    batch: {
      inputs: tf.randomNormal([images, ...inputShape], 0, 1, 'float32', 1),
      labels: tf.tensor2d(Float32Array.from(present), [images, classes]),
      known: tf.tensor2d(known, [images, classes]),
    },
    random,
  };
}

/** A step in the middle of training. The row takes the learner, the batch and the words over. */
export function prepareMapStep(learner: Learner, { words, batch }: MapTask, compiled: boolean): PreparedRow {
  const context = { ...onlyStep(new RandomStreams(2)), step: 5, totalSteps: 20, epoch: 5, epochs: 20 };
  const row = prepareLearnerStep({ learner, batch, context, compiled });
  return {
    run: row.run,
    dispose() {
      row.dispose();
      words.dispose();
    },
  };
}
