import { OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import {
  ClassPrior,
  type PartialSelectiveLossOptions,
  partialSelectiveLoss,
  partialSelectiveWeights,
} from '../src/index.ts';
import { allForms, recorder } from './all-forms.ts';

/** While a step is recorded, nothing may be read back. */
function recording<T>(run: () => T): T {
  Reflect.set(tf.backend(), recorder, {});
  try {
    return run();
  } finally {
    Reflect.deleteProperty(tf.backend(), recorder);
  }
}

it('is the example of its specification', () => {
  const labels = tf.tensor2d([[1, 0, 0, 0, 0]]);
  const known = tf.tensor2d([[1, 1, 0, 0, 0]]);
  const options: PartialSelectiveLossOptions<'sum'> = {
    known,
    mode: 'selective',
    gammaUnknown: 4,
    topK: 1,
    priors: [0.1, 0.1, 0.1, 0.1, 0.9],
    priorThreshold: 0.5,
  };
  const { kernel, host, composed } = allForms((s) => partialSelectiveLoss(s, labels, options), [[2, -1, 0.5, 1, 0]]);
  for (const found of [kernel, host, composed]) {
    expectClose(found, [0.357407, -0.119203, 0.072329, 0.093445, 0, 0], { absolute: 1e-6 });
  }
  tf.dispose([labels, known]);
});

it.each(['negative', 'ignore', 'ignoreNormalized', 'selective'] as const)(
  'gives the same by every form, %s',
  (mode) => {
    const random = new RandomStream(5);
    const matrix = (next: () => number): number[][] => Array.from({ length: 6 }, () => Array.from({ length: 9 }, next));
    const x = matrix(() => random.normal(0, 4));
    const [labels, known] = [matrix(() => random.integer(2)), matrix(() => random.integer(2))].map((m) =>
      tf.tensor2d(m),
    );
    for (const alphas of [{}, { alphaPositive: 1.5, alphaUnknown: 0.25 }]) {
      const options: PartialSelectiveLossOptions<'mean'> = {
        known,
        mode,
        topK: 2,
        clip: 0.05,
        reduction: 'mean',
        ...alphas,
      };
      const { kernel, host, composed } = allForms((s) => partialSelectiveLoss(s, labels, options), x);
      expectClose(host, composed, { relative: 2e-6, absolute: 1e-7 });
      expectClose(kernel, composed, { relative: 2e-6, absolute: 1e-7 });
    }
    tf.dispose([labels, known]);
  },
);

it.each([
  // Both threes of the first row are the two of the batch.
  ['batch', 1, [0, 1, 0, 1, 1, 1, 1, 1]],
  // Each row has two of its own.
  ['image', 2, [0, 1, 0, 1, 0, 0, 1, 1]],
] as const)('leaves out the earlier of equally likely unknown labels, of the %s', (likelihood, topK, expected) => {
  tf.tidy(() => {
    const x = tf.tensor2d([
      [3, 9, 3, 0],
      [0, 3, 0, 0],
    ]);
    const y = tf.zeros<tf.Rank.R2>([2, 4]);
    const known = tf.tensor2d([
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ]);
    const weights = () => partialSelectiveWeights(x, y, { known, mode: 'selective', topK, likelihood });
    expect(Array.from(weights().dataSync())).toEqual(expected);
    expect(Array.from(recording(weights).dataSync())).toEqual(expected);
  });
});

it.each(['batch', 'image'] as const)(
  'leaves out what sorting by logit and place puts first, of the %s',
  (likelihood) => {
    const random = new RandomStream(7);
    for (let round = 0; round < 40; round++) {
      const [B, C, topK] = [1 + random.integer(5), 1 + random.integer(12), 1 + random.integer(6)];
      // Quarters, so that many are equal.
      const x = Float32Array.from({ length: B * C }, () => Math.round(random.normal(0, 8)) / 4);
      const mask = Float32Array.from(x, () => random.integer(2));
      const expected = new Float32Array(B * C).fill(1);
      const leaveOut = (start: number, end: number, count: number): void => {
        const unknown = Array.from(x.keys()).filter((i) => i >= start && i < end && mask[i] === 0);
        for (const i of unknown.sort((a, b) => x[b] - x[a] || a - b).slice(0, count)) expected[i] = 0;
      };
      if (likelihood === 'batch') leaveOut(0, B * C, topK * B);
      else for (let b = 0; b < B; b++) leaveOut(b * C, (b + 1) * C, topK);
      tf.tidy(() => {
        const [logits, known] = [tf.tensor2d(x, [B, C]), tf.tensor2d(mask, [B, C])];
        const options = { known, mode: 'selective', topK, likelihood } as const;
        for (const run of [(f: () => tf.Tensor) => f(), recording]) {
          const weights = run(() => partialSelectiveWeights(logits, tf.zeros([B, C]), options));
          expect(weights.dataSync()).toEqual(expected);
        }
      });
    }
  },
);

it('leaves all unknown labels out if there are no more than it may', () => {
  tf.tidy(() => {
    const [x, y] = [tf.ones<tf.Rank.R2>([2, 3]), tf.zeros<tf.Rank.R2>([2, 3])];
    const known = tf.tensor2d([
      [1, 0, 1],
      [0, 0, 1],
    ]);
    for (const run of [(f: () => tf.Tensor) => f(), recording]) {
      const weights = run(() => partialSelectiveWeights(x, y, { known, mode: 'selective', topK: 2 }));
      expect(Array.from(weights.dataSync())).toEqual([1, 0, 1, 0, 0, 1]);
    }
  });
});

it('estimates priors by the mean prediction over all images', () => {
  tf.tidy(() => {
    const prior = new ClassPrior(2);
    expect(prior.priors()).toEqual([0, 0]);
    prior.update(tf.tensor2d([[0, 100]]));
    prior.update(tf.tensor2d([], [0, 2]));
    prior.update(
      tf.tensor2d([
        [0, -100],
        [100, -100],
      ]),
    );
    expectClose(prior.priors(), [2 / 3, 1 / 3]);
    expect(() => prior.update(tf.zeros([1, 3]))).toThrow(ShapeError);
    expect(() => prior.update(tf.tensor2d([[0, Number.NaN]]))).toThrow(
      'logits should be numbers everywhere, got NaN for class 1',
    );
    expectClose(prior.priors(), [2 / 3, 1 / 3]);
    prior.update(tf.tensor2d([[-Infinity, Infinity]]));
    expectClose(prior.priors(), [1 / 2, 1 / 2]);
  });
});

it('refuses options that make no sense', () => {
  const x = tf.zeros<tf.Rank.R2>([1, 2]);
  const bad = [
    { mode: 'selected' },
    { topK: 0.5 },
    { likelihood: 'class' },
    { priors: [0.5] },
    { priors: [0.5, 2] },
    { priorThreshold: -1 },
    { clip: 1 },
    { gammaUnknown: -1 },
    { alphaPositive: Number.NaN },
  ];
  for (const options of bad) expect(() => partialSelectiveLoss(x, x, options as object)).toThrow(OptionError);
  x.dispose();
});
