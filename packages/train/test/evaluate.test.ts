import { denseLabels } from '@ltml/data';
import { evaluate, predictScores } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import { setup, syntheticDataset } from './synthetic.ts';

const { learner, dataset } = setup({ neck: { width: 4 } });
afterAll(() => learner.dispose());

describe('predictScores', () => {
  it('gives the same scores whatever the size of the batch, in the order of the images', async () => {
    const whole = await predictScores(learner, dataset.inputs, { batchSize: 40 });
    expect([whole.rows, whole.columns]).toEqual([40, 3]);
    expect(new Set(whole.scores).size).toBe(120);
    for (const batchSize of [1, 7, 64]) {
      expect((await predictScores(learner, dataset.inputs, { batchSize })).scores).toEqual(whole.scores);
    }
  });

  it('evaluates in evaluation mode and gives the training mode back', async () => {
    const { learner } = setup();
    const predict = learner.predict.bind(learner);
    const modes: boolean[] = [];
    const watched = Object.assign(learner, {
      predict: (inputs: tf.Tensor) => {
        modes.push(learner.training);
        return predict(inputs);
      },
    });
    await predictScores(watched.train(), dataset.inputs);
    expect(modes).toEqual([false]);
    expect(learner.training).toBe(true);
    await predictScores(watched.eval(), dataset.inputs);
    expect(learner.training).toBe(false);
    learner.dispose();
  });

  it('gives no scores for no images', async () => {
    expect(await predictScores(learner, syntheticDataset(0).inputs)).toEqual({
      rows: 0,
      columns: 0,
      scores: new Float32Array(0),
    });
  });

  it('names the image and class of a score that is NaN', async () => {
    const inputs = {
      ...dataset.inputs,
      read: async (indices: ArrayLike<number>) => {
        const values = await dataset.inputs.read(indices);
        return indices[0] === 16 ? values.fill(Number.NaN, 6, 12) : values;
      },
    };
    await expect(predictScores(learner, inputs, { batchSize: 8 })).rejects.toThrow(/got NaN for image 17, class 0/);
  });

  it.each([0, -1, 0.5, 1.5, 2.5, Number.NaN, Number.POSITIVE_INFINITY, '8', null])(
    'refuses batches of %s images, as evaluate does',
    async (batchSize) => {
      const options = { batchSize: batchSize as number };
      const message = /options.batchSize should be a whole number ≥ 1/;
      await expect(predictScores(learner, dataset.inputs, options)).rejects.toThrow(message);
      await expect(evaluate(learner, dataset, options)).rejects.toThrow(message);
    },
  );

  it('refuses an option that it does not know', async () => {
    const options = { batchsize: 8 } as never;
    await expect(predictScores(learner, dataset.inputs, options)).rejects.toThrow(/unknown option "batchsize"/);
    await expect(evaluate(learner, dataset, options)).rejects.toThrow(/unknown option "batchsize"/);
  });

  it('stops at a signal, with its reason', async () => {
    const before = tf.memory().numTensors;
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(predictScores(learner, dataset.inputs, { signal })).rejects.toBe(reason);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await predictScores(learner, dataset.inputs, { batchSize: 16 });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('evaluate', () => {
  it('puts scores and labels together', async () => {
    const { scores, ...rest } = await evaluate(learner, dataset);
    expect(rest).toEqual({ rows: 40, columns: 3, present: denseLabels(dataset.labels).present });
    expect(scores.length).toBe(120);
  });

  it('refuses a learner of another number of classes', async () => {
    const labels = { rows: 40, columns: 2, present: new Uint8Array(80) };
    await expect(evaluate(learner, { ...dataset, labels })).rejects.toThrow(/\[B, C\] with C = 2, .* got C = 3/);
  });
});
