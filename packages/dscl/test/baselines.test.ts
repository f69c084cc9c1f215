import { BalancedQueue, type Dscl, dsclLoss } from '@ltml/dscl';
import type { Batch, LoadedBatch, Views } from '@ltml/tensor/contract';
import { expectClose, onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { tinyRun } from './tiny-run.ts';

const context = onlyStep();

/** A learner whose key encoder stays as it is, and its first batch of views. */
async function start(config: Record<string, unknown>): Promise<{ learner: Dscl; batch: Batch<Views> }> {
  const { learner, fitOptions } = tinyRun({ encoderMomentum: 1, ...config });
  learner.train();
  for await (const batch of fitOptions.loader.epoch()) return { learner, batch: batch as LoadedBatch<Views> };
  throw new Error('no batch');
}

const first = (x: tf.Tensor): number => x.dataSync()[0];

describe('baselines of the paper’s tables', () => {
  it.each([0, 1, 2])('weigh anchors of class %i by the inverse effective number of its images', async (c) => {
    const lossOf = async (reweightBeta: number | null): Promise<number> => {
      const { learner, batch } = await start({ loss: 'scl', reweightBeta, patches: { loss: 'none' } });
      const labels = tf.oneHot(tf.fill([6], c, 'int32'), 3) as tf.Tensor2D;
      const loss = first(learner.stages[0].step({ ...batch, labels }, context).loss);
      learner.dispose();
      return loss;
    };
    // E = (1 − βⁿ) / (1 − β) of 14, 8 and 2 images, and weights with a mean of 1.
    const inverse = [14, 8, 2].map((count) => (1 - 0.9) / (1 - 0.9 ** count));
    const weight = (3 * inverse[c]) / inverse.reduce((sum, value) => sum + value, 0);
    expectClose([(await lossOf(0.9)) / (await lossOf(null))], [weight], { relative: 1e-5 });
  });

  it('multi-crop: every patch is one more anchor of its image', async () => {
    const { learner, batch } = await start({ patches: { loss: 'multicrop' }, candidates: 'inbatch' });
    const { key, patches } = batch.inputs as Required<Views>;
    const ownKeys = learner.key.forward(key);
    const labels = tf.argMax<tf.Tensor1D>(batch.labels, 1);
    const losses = tf.unstack(patches, 1).map((patch) =>
      // The candidates of equation 2, whatever those of the anchors are.
      first(tf.mean(dsclLoss(learner.query.forward(patch), ownKeys, labels, learner.queue.contents))),
    );
    const { loss, terms } = learner.stages[0].step(batch, context);
    const mean = losses.reduce((sum, value) => sum + value, 0) / losses.length;
    expectClose([first(terms.crops)], [mean], { relative: 1e-5 });
    expectClose([first(loss)], [first(terms.contrast) + 1.5 * mean], { relative: 1e-5 });
    learner.dispose();
  });

  it('a balanced queue holds as many keys of rare classes as of frequent ones', async () => {
    const { learner, run } = tinyRun({ loss: 'scl', queue: { kind: 'balanced', size: 21 }, patches: { loss: 'none' } });
    await run();
    expect(learner.queue).toBeInstanceOf(BalancedQueue);
    const classes = Array.from(learner.queue.contents.labels.dataSync());
    expect([0, 1, 2].map((c) => classes.filter((label) => label === c).length)).toEqual([7, 7, 7]);
    learner.dispose();
  });
});
