import { DataError, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Matrix } from './oracle.ts';
import { type Options, type Subject, subjects } from './subjects.ts';

/** A batch drawn from a seed. The first row has no positive where a loss allows it. */
interface Case {
  readonly x: number[][];
  readonly y: number[][];
  readonly known: number[][];
  readonly n: number[];
}

function drawCase(seed: number, B: number, C: number, singleLabel: boolean = false): Case {
  const random = new RandomStream(seed);
  const matrix = (draw: () => number): number[][] => Array.from({ length: B }, () => Array.from({ length: C }, draw));
  const y = matrix(() => Number(random.uniform() < 0.3)).map((row, b) => (b === 0 ? row.map(() => 0) : row));
  const only = y.map((row) => {
    const at = random.integer(C);
    return row.map((_, c) => Number(c === at));
  });
  return {
    x: matrix(() => random.normal(0, 3)),
    y: singleLabel ? only : y,
    known: matrix(() => random.integer(2)),
    n: Array.from({ length: C }, () => 1 + random.integer(900)),
  };
}

const flat = (values: number[][] | number[]): number[] => values.flat();
const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** Value and gradient on the host; leaves no tensor behind. */
function evaluate(
  subject: Subject,
  { x, y, n }: Omit<Case, 'known'>,
  options: Options = {},
): { value: number[]; gradient: number[] } {
  return tf.tidy(() => {
    const labels = tf.tensor2d(y, [y.length, n.length]);
    const logits = tf.tensor2d(x, [x.length, n.length]);
    const loss = (scores: tf.Tensor): tf.Tensor => subject.loss(scores as tf.Tensor2D, labels, n, options);
    return {
      value: Array.from(loss(logits).dataSync()),
      gradient: Array.from(
        tf
          .grad((scores) => tf.sum(loss(scores)))(logits)
          .dataSync(),
      ),
    };
  });
}

/** Central differences of the sum of a loss, in doubles. */
function differences(sum: (x: Matrix) => number, x: Matrix): number[] {
  const step = 1e-5;
  return x.flatMap((row, b) =>
    row.map((xi, c) => {
      const moved = (by: number): number[][] => x.map((r, i) => r.map((v, j) => (i === b && j === c ? xi + by : v)));
      return (sum(moved(step)) - sum(moved(-step))) / (2 * step);
    }),
  );
}

const grid = [
  [1, 1],
  [1, 5],
  [4, 1],
  [3, 7],
  [6, 20],
] as const;

const seeds = fc.integer({ min: 0, max: 1e6 });

describe.each(subjects.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
  it.each(grid)('equals the oracle on [%i, %i]', (B, C) => {
    const drawn = drawCase(10 * B + C, B, C, subject.singleLabel);
    const expected = flat(subject.oracle(drawn.x, drawn.y, drawn.n));
    expectClose(evaluate(subject, drawn, { reduction: 'none' }).value, expected, { relative: 1e-4, absolute: 2e-6 });
  });

  it.each(grid)('has the gradient of the oracle on [%i, %i]', (B, C) => {
    const drawn = drawCase(10 * B + C, B, C, subject.singleLabel);
    const along = subject.along ?? subject.oracle;
    const sum = (x: Matrix): number => total(flat(along(x, drawn.y, drawn.n, drawn.x)));
    const { gradient } = evaluate(subject, drawn, { reduction: 'sum' });
    expectClose(gradient, differences(sum, drawn.x), { relative: 2e-4, absolute: 5e-6 });
  });

  it('reduces by sum, mean over its values and mean over images', () => {
    const drawn = drawCase(5, 4, 6, subject.singleLabel);
    const reduced = (reduction: NonNullable<Options['reduction']>) => evaluate(subject, drawn, { reduction });
    const none = reduced('none');
    const sum = reduced('sum');
    expectClose(sum.value, [total(none.value)], { relative: 1e-5 });
    expectClose(sum.gradient, none.gradient, { relative: 1e-5 });
    for (const [reduction, count] of [
      ['mean', none.value.length],
      ['batchmean', 4],
    ] as const) {
      const { value, gradient } = reduced(reduction);
      expectClose(value, [sum.value[0] / count], { relative: 1e-5 });
      expectClose(
        gradient,
        sum.gradient.map((g) => g / count),
        { relative: 1e-5 },
      );
    }
  });

  it('passes the gradient of what comes after it on, for every value of its own', () => {
    const drawn = drawCase(6, 3, 4, subject.singleLabel);
    tf.tidy(() => {
      const labels = tf.tensor2d(drawn.y);
      const values = subject.loss(tf.tensor2d(drawn.x), labels, drawn.n, { reduction: 'none' });
      const weights = tf.add(tf.mul(tf.range(0, values.size), 0.5), 1).reshape(values.shape);
      const weighted = tf.grad((x) =>
        tf.sum(tf.mul(subject.loss(x as tf.Tensor2D, labels, drawn.n, { reduction: 'none' }), weights)),
      );
      const along = subject.along ?? subject.oracle;
      const factors = weights.dataSync();
      const sum = (x: Matrix): number => total(flat(along(x, drawn.y, drawn.n, drawn.x)).map((v, i) => v * factors[i]));
      expectClose(weighted(tf.tensor2d(drawn.x)).dataSync(), differences(sum, drawn.x), {
        relative: 2e-4,
        absolute: 2e-5,
      });
      const tripled = tf.grad((x) => tf.mul(3, subject.loss(x as tf.Tensor2D, labels, drawn.n, { reduction: 'sum' })));
      const once = evaluate(subject, drawn, { reduction: 'sum' }).gradient;
      expectClose(
        tripled(tf.tensor2d(drawn.x)).dataSync(),
        once.map((g) => 3 * g),
        { relative: 1e-5 },
      );
    });
  });

  it('is the same for classes in another order', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const drawn = drawCase(seed, 3, 6, subject.singleLabel);
        const order = Array.from(new RandomStream(seed).permutation(6));
        const permute = (row: readonly number[]): number[] => order.map((c) => row[c]);
        const moved = { x: drawn.x.map(permute), y: drawn.y.map(permute), n: permute(drawn.n) };
        const before = evaluate(subject, drawn, { reduction: 'sum' });
        const after = evaluate(subject, moved, { reduction: 'sum' });
        expectClose(after.value, before.value, { relative: 1e-5 });
        const byRow = drawn.x.map((_row, b) => before.gradient.slice(6 * b, 6 * b + 6));
        expectClose(after.gradient, byRow.flatMap(permute), { relative: 1e-5 });
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  it('adds up over the images of a batch', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const drawn = drawCase(seed, 5, 4, subject.singleLabel);
        const part = (from: number, to: number): Omit<Case, 'known'> => ({
          x: drawn.x.slice(from, to),
          y: drawn.y.slice(from, to),
          n: drawn.n,
        });
        const [whole, head, rest] = [drawn, part(0, 2), part(2, 5)].map((c) =>
          evaluate(subject, c, { reduction: 'sum' }),
        );
        expectClose(whole.value, [head.value[0] + rest.value[0]], { relative: 1e-5 });
        expectClose(whole.gradient, [...head.gradient, ...rest.gradient], { relative: 1e-5 });
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  it('stays finite at logits of ±100 and 0', () => {
    const scores = [-100, -50, -18.5, 0, 18.5, 50, 100];
    const n = scores.map(() => 5);
    const rows = subject.singleLabel ? [0, 1, 2, 3, 4, 5, 6] : [-1, 7];
    const y = rows.map((at) => scores.map((__, c) => Number(at === 7 || at === c)));
    const { value, gradient } = evaluate(subject, { x: rows.map(() => scores), y, n }, { reduction: 'mean' });
    expect([...value, ...gradient].every(Number.isFinite)).toBe(true);
  });

  it('is 0 for a batch without images', () => {
    expect(evaluate(subject, { x: [], y: [], n: [3, 4] }, { reduction: 'mean' }).value).toEqual([0]);
  });

  it('keeps no tensor but its result', () => {
    const drawn = drawCase(8, 4, 6, subject.singleLabel);
    const [x, y, known] = [drawn.x, drawn.y, drawn.known].map((values) => tf.tensor2d(values));
    const options: Options = subject.masked ? { known } : {};
    const before = tf.memory().numTensors;
    for (const reduction of ['none', 'mean', 'sum'] as const) {
      subject.loss(x, y, drawn.n, { ...options, reduction }).dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
    const { value, grad } = tf.valueAndGrad(
      (scores) => subject.loss(scores as tf.Tensor2D, y, drawn.n, { ...options, reduction: 'mean' }) as tf.Scalar,
    )(x);
    expect(tf.memory().numTensors).toBe(before + 2);
    expectClose(x.dataSync(), Float32Array.from(drawn.x.flat()), { relative: 0, absolute: 0 });
    tf.dispose([value, grad, x, y, known]);
  });

  it('refuses labels of another shape, and unknown reductions', () => {
    tf.tidy(() => {
      const x = tf.zeros<tf.Rank.R2>([2, 3]);
      const call =
        (y: tf.Tensor2D, options: object, logits = x) =>
        () =>
          subject.loss(logits, y, [3, 4, 5], options as Options);
      expect(call(tf.zeros([2, 4]), {})).toThrow(ShapeError);
      expect(call(tf.zeros([2, 4]), {})).toThrow(/labels should be \[B, C\] = \[2, 3\]/);
      expect(call(tf.zeros([2, 3]), { reduction: 'median' })).toThrow(OptionError);
      expect(call(tf.zeros([2, 3]), { reduction: 'median' })).toThrow(/none, mean, sum, batchmean/);
    });
  });
});

const masked = subjects.filter((subject) => subject.masked);

describe.each(masked.map((subject) => [subject.name, subject] as const))('%s with unknown labels', (_, subject) => {
  const withMask = (drawn: Case, reduction: NonNullable<Options['reduction']>): ReturnType<typeof evaluate> => {
    const known = tf.tensor2d(drawn.known);
    const result = evaluate(subject, drawn, { reduction, known });
    known.dispose();
    return result;
  };

  it('adds nothing for them, whatever they say, and counts as it documents', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const drawn = drawCase(seed, 4, 5);
        // As the oracle sees it, an unknown class is absent.
        const y = drawn.y.map((row, b) => row.map((yi, c) => yi * drawn.known[b][c]));
        const mask = drawn.known.flat();
        const values = flat(subject.oracle(drawn.x, y, drawn.n)).map((value, i) => value * mask[i]);
        const sum = withMask(drawn, 'sum');
        expectClose(sum.value, [total(values)], { relative: 1e-4, absolute: 1e-5 });
        expect(sum.gradient.every((g, i) => mask[i] === 1 || g === 0)).toBe(true);
        const flipped = drawn.y.map((row, b) => row.map((yi, c) => (drawn.known[b][c] ? yi : 1 - yi)));
        expectClose(withMask({ ...drawn, y: flipped }, 'sum').gradient, sum.gradient, { relative: 1e-6 });
        const count = subject.masked === 'known' ? Math.max(total(mask), 1) : mask.length;
        expectClose(withMask(drawn, 'mean').value, [total(values) / count], { relative: 1e-4, absolute: 1e-6 });
      }),
      { numRuns: 15, seed: 1 },
    );
  });

  it('is 0, with a gradient of 0, where nothing is known', () => {
    const drawn = {
      ...drawCase(3, 2, 3),
      known: [
        [0, 0, 0],
        [0, 0, 0],
      ],
    };
    const { value, gradient } = withMask(drawn, 'mean');
    expect(value).toEqual([0]);
    expect(gradient.map((g) => g + 0)).toEqual(gradient.map(() => 0));
  });

  it('refuses a mask of another shape and, where they are checked, logits that are not finite, named by their place', () => {
    tf.tidy(() => {
      const labels = tf.zeros<tf.Rank.R2>([2, 3]);
      const call = (x: tf.Tensor2D, y: tf.Tensor2D, options: object) => () =>
        subject.loss(x, y, [3, 4, 5], options as Options);
      expect(call(labels, labels, { known: tf.ones([3, 2]) })).toThrow(/options\.known should be \[B, C\] = \[2, 3\]/);
      expect(call(labels, labels, { gama: 2 })).toThrow(OptionError);
      expect(call(labels, labels, { gama: 2 })).toThrow(/unknown option "gama"/);
      const nan = tf.tensor2d([
        [0, 1, 2],
        [3, Number.NaN, 5],
      ]);
      expect(call(nan, labels, { checkFinite: true })).toThrow(DataError);
      expect(call(nan, labels, { checkFinite: true })).toThrow(
        /logits should be finite everywhere, got NaN at \[1,1\]/,
      );
      const known = tf.tensor2d([
        [1, 1, 1],
        [1, 0, 1],
      ]);
      expect(call(nan, labels, { checkFinite: true, known })).not.toThrow();
    });
  });
});
