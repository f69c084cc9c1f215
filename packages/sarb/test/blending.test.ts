import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import { blendInstances, blendPrototypes, choosePrototypes, type LabelledFeatures, pairedBy } from '../src/index.ts';
import { expectNoLeak, randomLabels } from './support.ts';

const batchOf = (B: number, C: number, D: number, seed: number, share?: number): LabelledFeatures => ({
  features: randomTensor<tf.Tensor3D>([B, C, D], seed),
  ...randomLabels(B, C, seed + 1, share),
});

const sizes = fc.record({
  B: fc.integer({ min: 1, max: 6 }),
  C: fc.integer({ min: 1, max: 5 }),
  seed: fc.integer({ min: 0, max: 1e6 }),
  alpha: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('blendInstances', () => {
  it('takes from the partner what it is known to show, where the image knows nothing', () => {
    fc.assert(
      fc.property(sizes, ({ B, C, seed, alpha }) => {
        const D = 2;
        const batch = batchOf(B, C, D, seed);
        const blended = blendInstances(batch, { alpha: tf.scalar(alpha) });
        const a = Math.fround(alpha);
        const [f, y, k] = [batch.features, batch.labels, batch.known].map((x) => x.dataSync());
        const [features, labels, known] = [blended.features, blended.labels, blended.known].map((x) => x.dataSync());
        for (let n = 0; n < B; n++) {
          for (let c = 0; c < C; c++) {
            const [i, j] = [n * C + c, (B - 1 - n) * C + c];
            const blends = k[i] === 0 && k[j] * y[j] === 1;
            expectClose([labels[i]], [blends ? 1 - a : k[i] * y[i]]);
            expect(known[i]).toBe(blends ? Number(a < 1) : k[i]);
            for (let d = 0; d < D; d++) {
              const expected = blends ? a * f[i * D + d] + (1 - a) * f[j * D + d] : f[i * D + d];
              expectClose([features[i * D + d]], [expected], { absolute: 1e-6 });
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('pairs images as it is told', () => {
    const batch = batchOf(3, 2, 2, 1);
    const order = tf.tensor1d([2, 1, 0], 'int32');
    const [own, given] = [{}, { pairing: pairedBy(order) }].map((options) =>
      blendInstances(batch, { alpha: tf.scalar(0.4), ...options }),
    );
    expect(given.features.dataSync()).toEqual(own.features.dataSync());
  });

  it('teaches the share through features and labels, or through features alone', () => {
    const batch = batchOf(4, 3, 2, 5);
    const gradient = (part: 'features' | 'labels', detachLabels: boolean): number =>
      tf
        .grad((alpha) => tf.add(tf.sum(blendInstances(batch, { alpha, detachLabels })[part]), alpha))(tf.scalar(0.5))
        .dataSync()[0] - 1;
    expect(gradient('features', true)).toBeCloseTo(gradient('features', false));
    expect(gradient('labels', false)).toBeLessThan(0);
    expect(gradient('labels', true)).toBe(0);
  });

  it('leaves a batch without unknown labels, and one of which nothing is known, as it is', async () => {
    for (const share of [0, 1]) {
      const batch = batchOf(3, 2, 2, 7, share);
      const blended = blendInstances(batch, { alpha: tf.scalar(0.5) });
      expect(blended.features.dataSync()).toEqual(batch.features.dataSync());
      expect(blended.known.dataSync()).toEqual(batch.known.dataSync());
    }
    const batch = batchOf(3, 2, 2, 7);
    await expectNoLeak(() => tf.tidy(() => blendInstances(batch, { alpha: tf.scalar(0.5) })));
  });

  it('refuses labels of another shape', () => {
    const batch = batchOf(3, 2, 2, 1);
    expect(() => blendInstances({ ...batch, known: tf.zeros([3, 3]) }, { alpha: tf.scalar(1) })).toThrow(
      /blendInstances: known should be/,
    );
  });
});

describe('blendPrototypes', () => {
  const [C, K, D] = [4, 3, 2];
  const prototypes = randomTensor<tf.Tensor3D>([C, K, D], 11);

  it('blends one unknown class that has prototypes, with one of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (seed, beta) => {
        const B = 5;
        const batch = batchOf(B, C, D, seed);
        const counts = [3, 0, 1, 2];
        const noise = tf.abs(randomTensor<tf.Tensor2D>([B, C], seed + 2)) as tf.Tensor2D;
        const uniform = tf.sub<tf.Tensor2D>(1, tf.exp(tf.neg(noise)));
        const draw = tf.slice(tf.reshape(uniform, [-1]), 0, B) as tf.Tensor1D;
        const choice = choosePrototypes(batch.known, { noise: uniform, draw, prototypes, counts: tf.tensor1d(counts) });
        const blended = blendPrototypes(batch, choice, { beta: tf.scalar(beta) });
        const [u, k, d] = [uniform, batch.known, draw].map((x) => x.dataSync());
        const chosen = choice.chosen.dataSync();
        const taken = choice.prototypes.dataSync();
        const p = prototypes.dataSync();
        for (let n = 0; n < B; n++) {
          const candidates = counts.map((_, c) => c).filter((c) => k[n * C + c] === 0 && counts[c] > 0);
          const best = candidates.sort((a, b) => u[n * C + b] - u[n * C + a])[0];
          expect([...chosen.subarray(n * C, (n + 1) * C)]).toEqual(counts.map((_, c) => Number(c === best)));
          if (best === undefined) continue;
          const row = best * K + Math.floor(d[n] * counts[best]);
          expect([...taken.subarray(n * D, (n + 1) * D)]).toEqual([...p.subarray(row * D, (row + 1) * D)]);
        }
        const changed = tf.sum(tf.abs(tf.sub(blended.known, batch.known)), 1);
        expect(Math.max(...changed.dataSync())).toBeLessThanOrEqual(1);
      }),
      { numRuns: 20 },
    );
  });

  it('chooses the only unknown class although its noise is 0', () => {
    const known = tf.tensor2d([[1, 1, 0, 1]]);
    const options = { noise: tf.zeros([1, C]) as tf.Tensor2D, draw: tf.tensor1d([0.999999]), prototypes };
    const { chosen } = choosePrototypes(known, { ...options, counts: tf.tensor1d([3, 3, 3, 3]) });
    expect([...chosen.dataSync()]).toEqual([0, 0, 1, 0]);
  });

  it('leaves an image of which all is known as it is, or overwrites class 0 as the released code does', () => {
    const batch = batchOf(2, C, D, 3, 1);
    const noise = tf.zeros([2, C]) as tf.Tensor2D;
    const choice = { noise, draw: tf.tensor1d([0.5]), prototypes, counts: tf.tensor1d([3, 3, 3, 3]) };
    const [mended, released] = [false, true].map((overwriteFullyKnown) =>
      blendPrototypes(batch, choosePrototypes(batch.known, { ...choice, overwriteFullyKnown }), {
        beta: tf.scalar(0.4),
      }),
    );
    expect(mended.features.dataSync()).toEqual(batch.features.dataSync());
    expect(mended.labels.dataSync()).toEqual(batch.labels.dataSync());
    expectClose(tf.slice(released.labels, [0, 0], [2, 1]).dataSync(), [0.6, 0.6]);
  });
});
