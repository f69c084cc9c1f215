import { disposeGradients, exportState, Parameter, Sgd } from '@ltml/tensor';
import type { Stage } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import { fit, mergeContributions } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { bce, setup } from './synthetic.ts';

const sumBce: typeof bce = (...batch) => tf.tidy(() => tf.mul(bce(...batch), batch[0].size) as tf.Scalar);

async function train(options: Parameters<typeof setup>[0], accumulate: number) {
  const { learner, loader, random } = setup(options);
  const losses: number[] = [];
  await fit({ learner, loader, random, accumulate, observers: [{ onStep: ({ loss }) => void losses.push(loss) }] });
  const state = await exportState(learner);
  learner.dispose();
  return { losses, weights: [...state.values()].flatMap(({ data }) => Array.from(data as Float32Array)) };
}

describe('fit with accumulated gradients', () => {
  // No augmentation: it is drawn by batch, and here the batches differ.
  const plain = setup();
  const still = {
    ...plain.dataset,
    inputs: { ...plain.dataset.inputs, read: (i: ArrayLike<number>) => plain.dataset.inputs.read(i) },
  };
  plain.learner.dispose();

  it.each([
    { small: 4, accumulate: 4, big: 16, reason: 'an epoch of 40 ends with a step of 8' },
    { small: 5, accumulate: 2, big: 10, reason: 'an epoch of 40 divides' },
    { small: 16, accumulate: 2, big: 32, reason: 'a step of 8 stands alone' },
    { small: 12, accumulate: 4, big: 40, reason: 'batches of 12, 12, 12 and 4 make one step' },
  ])('gives the steps of the big batch for a loss that is a mean: $reason', async ({ small, accumulate, big }) => {
    const parts = await train({ dataset: still, batchSize: small }, accumulate);
    const whole = await train({ dataset: still, batchSize: big }, 1);
    expect(parts.losses.length).toBe(whole.losses.length);
    expectClose(parts.losses, whole.losses, { relative: 1e-5 });
    expectClose(parts.weights, whole.weights, { relative: 1e-5 });
  });

  it('gives the steps of the big batch for a loss that is a sum', async () => {
    const stage: Partial<Stage> = {
      optimizer: (parameters) => new Sgd([{ parameters, learningRate: 0.01 }], { momentum: 0.9 }),
      lossReduction: 'sum',
    };
    const options = { dataset: still, stage, criterion: sumBce };
    const parts = await train({ ...options, batchSize: 12 }, 4);
    const whole = await train({ ...options, batchSize: 40 }, 1);
    expectClose(parts.losses, whole.losses, { relative: 1e-5 });
    expectClose(parts.weights, whole.weights, { relative: 1e-5 });
  });
});

describe('mergeContributions', () => {
  const scalar = (value: number) => tf.scalar(value);

  it('weighs means by images, counts a missing gradient as zero, and takes both over', () => {
    const before = tf.memory().numTensors;
    const [p, q] = [new Parameter(scalar(0)), new Parameter(scalar(0))];
    const a = { images: 3, loss: scalar(1), terms: { t: scalar(4) }, gradients: new Map([[p, scalar(8)]]) };
    const b = {
      images: 1,
      loss: scalar(5),
      terms: {},
      gradients: new Map([
        [p, scalar(4)],
        [q, scalar(4)],
      ]),
    };
    const merged = mergeContributions(a, b, 'mean');
    expect(merged.images).toBe(4);
    expect(merged.loss.dataSync()[0]).toBe(2);
    expect(merged.terms.t.dataSync()[0]).toBe(3);
    expect([p, q].map((parameter) => merged.gradients.get(parameter)?.dataSync()[0])).toEqual([7, 1]);
    disposeGradients(merged.gradients);
    tf.dispose([merged.loss, merged.terms.t]);
    p.dispose();
    q.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
