import { type CprflParts, cprfl, cprflConfigSchema, presets } from '@ltml/cprfl';
import { type AsymmetricLossOptions, asymmetricLoss } from '@ltml/losses';
import { RandomStreams } from '@ltml/tensor';
import { frequencyGroups } from '@ltml/tensor/labels';
import { expectClose, onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from './support.ts';

// Where paper and authors' code disagree, and both can be had. The optimiser's two readings are in stage.test.ts, those of
// the layer in head.test.ts, those of the re-weighted losses in published-losses.test.ts.

const task = {
  classes: ['a', 'b', 'c'],
  statistics: { trainCount: 9, classCounts: [5, 3, 1], cooccurrence: [] },
};
const small = { width: 4, vsi: { heads: 1, headWidth: 2, hiddenWidth: 3, dropout: 0 } };

function create(changes: object = {}, parts: Partial<CprflParts> = {}, embeddingWidth = 3) {
  const random = new RandomStreams(1);
  const classEmbeddings = randomTensor<tf.Tensor2D>([3, embeddingWidth], 1);
  const config = cprflConfigSchema.parse({ ...small, ...changes });
  const learner = cprfl.create(task, { features: 5, classEmbeddings, ...parts }, config, random);
  return { learner, random };
}

const inputs = randomTensor([2, 4, 5], 2);
const labels = tf.tensor2d([
  [1, 0, 0],
  [0, 1, 0],
]);
tf.keep(inputs);
tf.keep(labels);

function lossOf(changes: object, parts: Partial<CprflParts> = {}): number {
  const { learner, random } = create(changes, parts);
  const context = onlyStep(random);
  const value = tf.tidy(
    () => learner.stages[0].step({ inputs, labels, known: tf.onesLike(labels) }, context).loss.dataSync()[0],
  );
  learner.dispose();
  return value;
}

const asymmetric = (options: AsymmetricLossOptions<'mean' | 'sum'>): Partial<CprflParts> => ({
  criterion: (logits, present, known) => {
    const published = { reduction: 'mean', gammaNegative: 4, gammaPositive: 0 } as const;
    return asymmetricLoss(logits, present, { ...published, ...options, known });
  },
});

describe('both readings', () => {
  it('of the reduction: a mean in training, the sum of the equation', () => {
    const mean = lossOf({});
    expectClose([lossOf({}, asymmetric({ reduction: 'sum' }))], [6 * mean]);
    const { learner } = create({}, { ...asymmetric({ reduction: 'sum' }), lossReduction: 'sum' });
    expect(learner.stages[0].lossReduction).toBe('sum');
    learner.dispose();
  });

  it('of the focal factor: a constant for the gradient, or a part of it', () => {
    const gradientOf = (factorGradient: boolean) => {
      const { criterion } = asymmetric({ factorGradient });
      const loss = (x: tf.Tensor) => criterion?.(x as tf.Tensor2D, labels, tf.onesLike(labels), 0) as tf.Scalar;
      return tf.tidy(() =>
        tf
          .grad(loss)(tf.tensor2d([0, 1, 2, -1, 0, 1], [2, 3]))
          .dataSync(),
      );
    };
    const [constant, whole] = [gradientOf(false), gradientOf(true)];
    // Of positives the factor is 1; a negative with p = σ(2): t⁴ · (p(1 − p)/s) and 4t³ · log(s) · −p(1 − p) beside it.
    const p = 1 / (1 + Math.exp(-2));
    const [t, s] = [p - 0.05, 1.05 - p];
    expectClose(
      [constant[2], whole[2]],
      [(t ** 4 * p * (1 - p)) / s / 6, (t ** 4 / s - 4 * t ** 3 * Math.log(s)) * ((p * (1 - p)) / 6)],
    );
    expectClose([whole[0], whole[4]], [constant[0], constant[4]]);
  });

  it('of the margin, of which the paper gives no number', () => {
    expectClose([lossOf({}, asymmetric({ clip: 0.05 }))], [lossOf({})]);
    expect(lossOf({}, asymmetric({ clip: 0 }))).toBeGreaterThan(lossOf({}));
  });

  it('of epochs and learning rates', () => {
    const { learner } = create({ epochs: 79, schedule: { epochs: 80 }, optimizer: { learningRate: 5e-5 } });
    expect(learner.stages[0].epochs).toBe(79);
    learner.dispose();
    expect([presets['coco-lt'].epochs, presets['coco-lt/released-schedule'].epochs]).toEqual([30, 79]);
  });

  it('of averaged weights: with or without', () => {
    for (const averageDecay of [0.998, null]) {
      const { learner } = create({ averageDecay });
      expect(learner.stages[0].averageDecay ?? null).toBe(averageDecay);
      learner.dispose();
    }
  });

  it('of dropout: with or without', () => {
    const once = (dropout: number) => {
      const { learner } = create({ vsi: { ...small.vsi, dropout } });
      const [first, second] = [learner.predict(inputs).dataSync(), learner.predict(inputs).dataSync()];
      learner.dispose();
      return first.every((value, i) => value === second[i]);
    };
    expect([once(0), once(0.5)]).toEqual([true, false]);
  });

  it('of the head classes: from 100 images, or more than 100', () => {
    const counts = [101, 100, 20, 19];
    expect(frequencyGroups(counts).head).toEqual([0, 1]);
    expect(frequencyGroups(counts, { headFrom: 101 }).head).toEqual([0]);
  });

  it('of the embeddings: of any width', () => {
    for (const width of [1024, 512, 300, 1]) {
      const { learner } = create({}, {}, width);
      expect(learner.predict(inputs).shape).toEqual([2, 3]);
      learner.dispose();
    }
  });
});
