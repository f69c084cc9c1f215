import { constantRate, Module, ModuleBuffer } from '@ltml/tensor';
import type { Batch, Learner, Stage } from '@ltml/tensor/contract';
import { fit } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { setup } from './synthetic.ts';

/** Counts images and sums what it sees, and has no parameters. */
class Sum extends Module implements Learner {
  readonly sum: ModuleBuffer = new ModuleBuffer(tf.zeros([6]), 'same');
  readonly count: ModuleBuffer = new ModuleBuffer(tf.zeros([1]), 'same');
  readonly scores = 'relative' as const;
  mean: readonly number[] = [];
  readonly stages: readonly Stage[] = [
    {
      name: 'gather',
      epochs: 1,
      gradient: false,
      step: (batch) => {
        const { inputs } = batch as Batch;
        this.sum.variable.assign(tf.add(this.sum.variable, tf.sum(inputs, 0)));
        this.count.variable.assign(tf.add(this.count.variable, inputs.shape[0]));
        return { loss: tf.mean<tf.Scalar>(inputs), terms: {} };
      },
      // Read without a wait for the engine, as a closed form would be.
      beforeEvaluation: async () => {
        const [sum, count] = await Promise.all([this.sum.variable.data(), this.count.variable.data()]);
        this.mean = Array.from(sum, (value) => value / count[0]);
      },
      optimizer: () => ({ step() {}, exportState: async () => new Map(), importState() {}, dispose() {} }),
      schedule: () => constantRate(),
    },
  ];

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => tf.clone(inputs) as tf.Tensor2D);
  }

  forward(inputs: tf.Tensor): Record<string, tf.Tensor> {
    return { scores: this.predict(inputs) };
  }
}

it.each([1, 3])(
  'a stage without gradients sees each image once, also where %i batches make a step',
  async (accumulate) => {
    const { loader, random, learner: other } = setup({ batchSize: 12 });
    other.dispose();
    const before = tf.memory().numTensors;
    const learner = new Sum();
    const images: number[] = [];
    const losses: number[] = [];
    const onStep = (report: { images: number; loss: number }): void => {
      images.push(report.images);
      losses.push(report.loss);
    };
    const { outcome } = await fit({ learner, loader, random, accumulate, observers: [{ onStep }] });
    expect(outcome).toBe('finished');
    expect(images.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(losses.every(Number.isFinite)).toBe(true);
    expect(learner.count.variable.dataSync()[0]).toBe(40);
    // All epoch's images, whatever their batches: so is the mean of the losses.
    const mean = learner.mean.reduce((sum, value) => sum + value, 0) / learner.mean.length;
    const told = losses.reduce((sum, loss, i) => sum + loss * images[i], 0) / 40;
    expect(Math.abs(mean - told)).toBeLessThan(1e-4);
    learner.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);
