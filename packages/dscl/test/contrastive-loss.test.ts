import { dsclLoss, dsclMinimum, sclLoss } from '@ltml/dscl';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrastOracle, differences } from './oracle.ts';
import { drawCase, expectNoLeak, integers, matrix, tensorsOf } from './support.ts';

type Options = Parameters<typeof dsclLoss>[4];

/** Values of a loss and the gradient of their weighted sum. */
function evaluate(case_: ReturnType<typeof drawCase>, options: Options, name: 'scl' | 'dscl' = 'dscl') {
  return tf.tidy(() => {
    const { anchors, ownKeys, labels, queue } = tensorsOf(case_);
    const loss = (z: tf.Tensor): tf.Tensor1D => {
      const own = z as tf.Tensor2D;
      if (name === 'dscl') return dsclLoss(own, ownKeys, labels, queue, options);
      return sclLoss(own, ownKeys, labels, queue, options);
    };
    const weights = tf.tensor1d(weightsOf(case_.labels.length));
    const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => tf.sum(tf.mul(loss(z), weights)))(anchors);
    return {
      values: Array.from(loss(anchors).dataSync()),
      sum: value.dataSync()[0],
      gradient: Array.from(grad.dataSync()),
    };
  });
}

const weightsOf = (count: number): number[] => Array.from({ length: count }, (_, i) => 0.5 + i);

describe.each([
  ['scl', 'queue', {}],
  ['scl', 'inbatch', {}],
  ['dscl', 'queue', { alpha: 0.1 }],
  ['dscl', 'queue', { alpha: 0 }],
  ['dscl', 'queue', { alpha: 1 }],
  ['dscl', 'inbatch', { alpha: 0.3 }],
  ['dscl', 'inbatch', { alpha: 0.3, epsilon: 1e-2 }],
  ['dscl', 'queue', { alpha: 0.3, epsilon: 1e-2 }],
  ['dscl', 'queue', { alpha: 0.1, emptyPositives: 'insideExp' }],
  ['dscl', 'inbatch', { alpha: 0.1, emptyPositives: 'insideExp' }],
  ['dscl', 'queue', { alpha: 0.1, emptyPositives: 'timesLogP' }],
  ['dscl', 'inbatch', { alpha: 0.1, emptyPositives: 'timesLogP' }],
  ['dscl', 'queue', { alpha: 0.1, emptyPositives: 'skip' }],
  ['dscl', 'inbatch', { alpha: 0.1, emptyPositives: 'skip' }],
] as const)('%s over %s with %o', (name, candidates, options) => {
  it.each([1, 2, 3])('gives the equations in plain loops, value and gradient, case %i', (seed) => {
    const case_ = drawCase(seed, { B: 3 + seed, K: 10 * seed + 1, empty: seed === 3 ? 0.4 : 0 });
    const rules = { temperature: 0.2, inbatch: candidates === 'inbatch', ...options };
    const { values, gradient } = evaluate(case_, { temperature: 0.2, candidates, ...options }, name);
    expectClose(values, contrastOracle(case_, rules), { relative: 1e-5, absolute: 1e-5 });
    // The row maximum of the released code is a constant for its gradient, which differences would not see.
    if ('epsilon' in options) return;
    const weights = weightsOf(values.length);
    const sum = (anchors: typeof case_.anchors): number =>
      contrastOracle({ ...case_, anchors }, rules).reduce((total, value, i) => total + value * weights[i], 0);
    expectClose(gradient, differences(sum, case_.anchors), { relative: 1e-3, absolute: 1e-4 });
  });
});

describe('dsclLoss', () => {
  it('is SCL for α = 1 / (|P| + 1)', () => {
    const case_ = { ...drawCase(4, { K: 12, classes: 3 }), keyLabels: [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3] };
    const decoupled = evaluate(case_, { alpha: 1 / 4 });
    const plain = evaluate(case_, {}, 'scl');
    expectClose(decoupled.values, plain.values);
    expectClose(decoupled.gradient, plain.gradient, { absolute: 1e-5 });
  });

  it('does not care for the order of the queue, nor for empty slots', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.constantFrom('queue', 'inbatch'), (seed, candidates) => {
        const case_ = drawCase(seed, { empty: 0.3 });
        const order = case_.keys.map((_, k) => k).reverse();
        const kept = order.filter((k) => case_.keyLabels[k] >= 0);
        const pick = (places: readonly number[]) => ({
          ...case_,
          keys: places.map((k) => case_.keys[k]),
          keyLabels: places.map((k) => case_.keyLabels[k]),
        });
        const { values, gradient } = evaluate(case_, { candidates });
        for (const other of [pick(order), pick(kept)]) {
          const again = evaluate(other, { candidates });
          expectClose(again.values, values, { absolute: 1e-5 });
          expectClose(again.gradient, gradient, { absolute: 1e-4 });
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is the same with both candidate sets for a batch of one image', () => {
    const case_ = { ...drawCase(7, { B: 1 }), labels: [2] };
    const [queue, inbatch] = (['queue', 'inbatch'] as const).map((candidates) => evaluate(case_, { candidates }));
    expectClose(inbatch.values, queue.values);
    expectClose(inbatch.gradient, queue.gradient, { absolute: 1e-5 });
  });

  it('goes through a queue of several blocks as through one', () => {
    const case_ = drawCase(8, { B: 700, K: 3001, D: 8 });
    const { values } = evaluate(case_, { temperature: 0.1 });
    expectClose(values, contrastOracle(case_, { temperature: 0.1, alpha: 1 / 9 }), { relative: 1e-4 });
  });

  it('stays finite for logits of ±100, and without any key but its own', () => {
    const case_ = drawCase(9, { B: 6, K: 9 });
    const extreme = { ...case_, anchors: case_.anchors.map((z, i) => z.map((x) => (i % 2 === 0 ? 1 : -1) * x)) };
    const { values, gradient } = evaluate(extreme, { temperature: 0.01 });
    expectClose(values, contrastOracle(extreme, { temperature: 0.01, alpha: 1 / 9 }), { relative: 1e-4 });
    expect(gradient.every(Number.isFinite)).toBe(true);
    const alone = evaluate({ ...case_, keyLabels: case_.keyLabels.map(() => -1) }, {});
    expectClose(alone.values, new Float32Array(6), { absolute: 1e-5 });
    expectClose(alone.gradient, new Float32Array(36), { absolute: 1e-4 });
  });

  it('does not differentiate keys and queue', () => {
    const { anchors, ownKeys, labels, queue } = tensorsOf(drawCase(10));
    const gradient = tf.grads((z, k, q) =>
      tf.sum(dsclLoss(z as tf.Tensor2D, tf.mul(k, 1) as tf.Tensor2D, labels, { ...queue, keys: q as tf.Tensor2D })),
    );
    expect(() => gradient([anchors, ownKeys, queue.keys])).toThrow(/Cannot compute gradient/);
  });

  it('leaves no tensor behind', () => {
    const { anchors, ownKeys, labels, queue } = tensorsOf(drawCase(11, { empty: 0.2 }));
    for (const candidates of ['queue', 'inbatch'] as const) {
      expectNoLeak(() => {
        const loss = (z: tf.Tensor): tf.Tensor =>
          tf.mean(dsclLoss(z as tf.Tensor2D, ownKeys, labels, queue, { candidates, epsilon: 1e-12 }));
        tf.valueAndGrad(loss)(anchors);
      });
    }
  });

  it('refuses shapes and options that make no sense', () => {
    const { anchors, ownKeys, labels, queue } = tensorsOf(drawCase(12));
    expect(() => dsclLoss(anchors, ownKeys, integers([1]), queue)).toThrow(
      /dsclLoss: labels should be \[B\] = \[5\], to fit anchors, got \[1\]/,
    );
    expect(() => dsclLoss(anchors, matrix([[1]]), labels, queue)).toThrow(/ownKeys should be \[B, D\] = \[5, 6\]/);
    expect(() => dsclLoss(anchors, ownKeys, labels, queue, { alpha: 1.5 })).toThrow(
      /alpha should be a finite number in \[0, 1\]/,
    );
    expect(() => dsclLoss(anchors, ownKeys, labels, queue, { temperature: 0 })).toThrow(/temperature should be/);
    expect(() => dsclLoss(anchors, ownKeys, labels, queue, { emptyPositives: 'no' as never })).toThrow(
      /emptyPositives should be one of renormalize, insideExp, timesLogP, skip, got "no"/,
    );
    expect(() => sclLoss(anchors, ownKeys, labels, queue, { alpha: 0.1 } as never)).toThrow(/unknown option "alpha"/);
    expect(() => dsclLoss(anchors, ownKeys, labels, queue, { candidates: 'batch' as never })).toThrow(
      /one of queue, inbatch/,
    );
  });
});

describe('dsclMinimum', () => {
  it('is below every value, and the entropy of the target', () => {
    expect(dsclMinimum(0.25, 3)).toBeCloseTo(Math.log(4), 12);
    expect(dsclMinimum(1, 3)).toBe(0);
    expect(dsclMinimum(0, 4)).toBeCloseTo(Math.log(4), 12);
    const { values } = evaluate({ ...drawCase(13), keyLabels: Array(23).fill(1), labels: Array(5).fill(1) }, {});
    for (const value of values) expect(value).toBeGreaterThan(dsclMinimum(1 / 9, 23));
  });
});
