import { BatchLoader, mixup, UniformSampler } from '@ltml/data';
import { DataError, exportState, Module, RandomStreams } from '@ltml/tensor';
import type { Criterion, EncoderOutput } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import { type FitOptions, fit, memoryCheckpoints } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { SmallLearner } from './small-learner.ts';
import { bce, syntheticDataset } from './synthetic.ts';

/** Images of 1 × 2 pixels as features. */
class Flat extends Module {
  forward(images: tf.Tensor): EncoderOutput {
    return { features: tf.reshape(images, [-1, 6]) };
  }
}

/** Three epochs of five mixed batches. */
async function train(softLabels: boolean, options: Partial<FitOptions> = {}) {
  const random = new RandomStreams(7);
  const { inputs, ...rest } = syntheticDataset();
  const fractions = new Set<number>();
  const criterion: Criterion = (logits, labels, known) => {
    if (options.eager) for (const label of labels.dataSync()) fractions.add(label);
    return bce(logits, labels, known, 0);
  };
  const learner = new SmallLearner({
    ...{ features: 6, classes: 3, criterion, random, encoder: new Flat() },
    stage: { softLabels },
  });
  const loader = new BatchLoader({
    dataset: { ...rest, inputs: { ...inputs, shape: [1, 2, 3] } },
    sampler: new UniformSampler({ length: 40, random: random.stream('shuffle') }),
    ...{ batchSize: 8, random, mix: mixup({ alpha: 1 }) },
  });
  const losses: number[] = [];
  const observer = { onStep: ({ loss }: { loss: number }) => void losses.push(loss) };
  const result = await fit({
    learner,
    loader,
    random,
    observers: [observer, ...(options.observers ?? [])],
    ...options,
  });
  const weights = await exportState(learner);
  learner.dispose();
  return { losses, result, weights, fractions };
}

it('trains on labels between 0 and 1, compiled as eager', async () => {
  const before = tf.memory().numTensors;
  const [eager, compiled] = [await train(true, { eager: true }), await train(true)];
  expect(tf.memory().numTensors).toBe(before);
  expect([...eager.fractions].some((label) => label > 0 && label < 1)).toBe(true);
  expectClose(compiled.losses, eager.losses, { relative: 1e-6, absolute: 0 });
  expect(eager.losses.at(-1)).toBeLessThan(eager.losses[0]);
});

it('goes on from a checkpoint inside an epoch bit for bit', async () => {
  const whole = await train(true);
  const store = memoryCheckpoints();
  const controller = new AbortController();
  const stop = { onStep: ({ step }: { step: number }) => void (step === 7 && controller.abort()) };
  const begun = await train(true, { checkpoints: { store }, observers: [stop], signal: controller.signal });
  expect(begun.result.outcome).toBe('aborted');
  const { weights } = await train(true, { checkpoints: { store, resume: true } });
  expect(weights).toEqual(whole.weights);
});

it('refuses them before the first step of a stage whose loss takes 0 and 1 alone', async () => {
  const refused = train(false);
  await expect(refused).rejects.toThrow(expect.toSatisfy(DataError.is));
  await expect(refused).rejects.toThrow(/batch\.labels should be 0 or 1 everywhere/);
});
