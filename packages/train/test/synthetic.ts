import { BatchLoader, type LabelledInputs, UniformSampler } from '@ltml/data';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { Criterion, Task } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { SmallLearner, type SmallLearnerOptions } from './small-learner.ts';

const features = 6;
export const classes = ['a', 'b', 'c'];

/** Binary cross-entropy on logits, the mean over images and classes. */
export const bce: Criterion = (logits, labels) =>
  tf.tidy(() => tf.mean(tf.sub(tf.softplus(logits), tf.mul(labels, logits))));

/** A task that a linear head can learn: the first entries of an item are its labels, plus noise everywhere. */
export function syntheticDataset(rows = 40, seed = 1): LabelledInputs {
  const random = new RandomStream(seed);
  const present = Uint8Array.from({ length: rows * classes.length }, () => (random.uniform() < 0.4 ? 1 : 0));
  const values = new Float32Array(rows * features);
  for (let row = 0; row < rows; row++) {
    for (let f = 0; f < features; f++) {
      const signal = f < classes.length ? 2 * present[row * classes.length + f] - 1 : 0;
      values[row * features + f] = signal + random.normal(0, 0.3);
    }
  }
  return {
    name: 'synthetic',
    classes,
    labels: { rows, columns: classes.length, present },
    inputs: {
      length: rows,
      shape: [features],
      // A read with streams adds noise, as augmentation would.
      read: async (indices, streams) => {
        const batch = new Float32Array(indices.length * features);
        for (let i = 0; i < indices.length; i++) {
          batch.set(values.subarray(indices[i] * features, (indices[i] + 1) * features), i * features);
        }
        if (!streams) return batch;
        const noise = Array.from(indices, (_, row) => streams(row));
        return batch.map((value, at) => value + noise[Math.floor(at / features)].normal(0, 0.05));
      },
    },
  };
}

export function syntheticTask(dataset: LabelledInputs): Task {
  return { classes: dataset.classes, statistics: classStatistics(dataset.labels) };
}

export interface SetupOptions extends Pick<SmallLearnerOptions, 'neck' | 'stage'> {
  readonly dataset?: LabelledInputs;
  readonly batchSize?: number;
  readonly criterion?: Criterion;
}

/** All that a run needs, built afresh from one seed. */
export function setup(options: SetupOptions = {}) {
  const { dataset = syntheticDataset(), batchSize = 8, criterion = bce, ...rest } = options;
  const random = new RandomStreams(7);
  const learner = new SmallLearner({ features, classes: dataset.classes.length, criterion, random, ...rest });
  return { dataset, learner, random, loader: loaderOf(dataset, batchSize, random) };
}

/** Shuffled batches. All loaders of a run draw from one stream. */
export function loaderOf(dataset: LabelledInputs, batchSize: number, random: RandomStreams): BatchLoader {
  const sampler = new UniformSampler({ length: dataset.inputs.length, random: random.stream('shuffle') });
  return new BatchLoader({ dataset, sampler, batchSize, random });
}
