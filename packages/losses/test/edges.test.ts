import { compile, DataError, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as losses from '../src/index.ts';
import { type Edge, type EdgeOptions, edges, withoutLabels } from './edges.ts';

it('knows every exported function', () => {
  const exported = Object.entries(losses).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect([...new Set([...edges.map((edge) => edge.of), ...withoutLabels])].sort()).toEqual(exported.sort());
});

interface Drawn {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly known: Float32Array;
}

function draw(seed: number, B: number, C: number): Drawn {
  const random = new RandomStream(seed);
  const make = (next: () => number): Float32Array => Float32Array.from({ length: B * C }, next);
  return {
    x: make(() => random.normal(0, 3)),
    y: make(() => Number(random.uniform() < 0.3)),
    known: make(() => Number(random.uniform() < 0.7)),
  };
}

type Dtype = 'float32' | 'int32' | 'bool';

function matrix(values: ArrayLike<number>, B: number, C: number, dtype: Dtype = 'float32'): tf.Tensor2D {
  return tf.tensor2d(Float32Array.from(values), [B, C], dtype);
}

/** Values, and for losses the gradient by the logits of their sum. */
function evaluate(edge: Edge, x: tf.Tensor2D, y: tf.Tensor2D, options: EdgeOptions = {}): number[] {
  return tf.tidy(() => {
    const value = edge.run(x, y, options).dataSync();
    if (!edge.reduces) return Array.from(value);
    const gradient = tf.grad((s) => tf.sum(edge.run(s as tf.Tensor2D, y, options)))(x);
    return [...value, ...gradient.dataSync()];
  });
}

/** Batches that go through the host, and through chains of kernels. */
const sizes = [
  [3, 5],
  [140, 130],
] as const;

const reductionsOf = ({ reduces }: Edge): losses.Reduction[] =>
  reduces === 'mean' ? ['mean'] : reduces ? ['none', 'sum', 'mean'] : ['mean'];

describe.each(edges.map((edge) => [edge.name, edge] as const))('%s', (_, edge) => {
  it.each(sizes)('gives the same for labels and masks of every dtype, [%i, %i]', (B, C) => {
    const { x, y, known } = draw(B, B, C);
    tf.tidy(() => {
      const logits = matrix(x, B, C);
      for (const reduction of reductionsOf(edge)) {
        const run = (dtype: Dtype): number[] =>
          evaluate(edge, logits, matrix(y, B, C, dtype), {
            ...(edge.reduces && { reduction }),
            ...(edge.masked && { known: matrix(known, B, C, dtype) }),
          });
        const expected = run('float32');
        expect(expected.every(Number.isFinite)).toBe(true);
        for (const dtype of ['int32', 'bool'] as const) expectClose(run(dtype), expected, { relative: 1e-6 });
      }
    });
  });

  it('takes whole logits for what they are', () => {
    tf.tidy(() => {
      const values = [1, -2, 0, 3, 4, -5];
      const y = matrix([1, 0, 0, 0, 1, 0], 2, 3);
      expectClose(
        edge.run(matrix(values, 2, 3, 'int32'), y, {}).dataSync(),
        edge.run(matrix(values, 2, 3), y, {}).dataSync(),
      );
    });
  });

  it.each(sizes)('refuses other labels by their place, [%i, %i]', (B, C) => {
    const entry = fc.record({ b: fc.nat(B - 1), c: fc.nat(C - 1) });
    const bad = edge.soft ? [-1, 2, 255, Number.NaN, 1.5, Infinity] : [-1, 0.5, 2, 255, Number.NaN, Infinity];
    fc.assert(
      fc.property(entry, fc.constantFrom(...bad), fc.nat(99), ({ b, c }, value, seed) => {
        const { x, y } = draw(seed, B, C);
        y[b * C + c] = value;
        tf.tidy(() => {
          const call = () => edge.run(matrix(x, B, C), matrix(y, B, C), {});
          expect(call).toThrow(DataError);
          expect(call).toThrow(
            `labels should be ${edge.soft ? 'in [0, 1]' : '0 or 1'} everywhere, got ${value} at [${b},${c}]`,
          );
        });
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  it('refuses whole labels other than 0 and 1, and says where unknown ones go', () => {
    tf.tidy(() => {
      const call = () => edge.run(matrix([0, 0], 1, 2), matrix([1, -1], 1, 2, 'int32'), {});
      expect(call).toThrow(/got -1 at \[0,1\]\. Mark unknown labels in `known`/);
    });
  });

  it('keeps no tensor but its result, outside of tidy', () => {
    const [x, y, known] = [
      matrix([1, -1, 2, 0], 2, 2),
      matrix([1, 0, 1, 0], 2, 2, 'bool'),
      matrix([1, 1, 1, 0], 2, 2, 'int32'),
    ];
    const weight = tf.memory().numTensors;
    for (const reduction of reductionsOf(edge)) {
      tf.tidy(() => edge.run(x, y, {}));
      const before = tf.memory().numTensors;
      const result = edge.run(x, y, { ...(edge.reduces && { reduction }), ...(edge.masked && { known }) });
      // Those that the list of edges makes for itself.
      const own = /with weights/.test(edge.name) ? 1 : 0;
      expect(tf.memory().numTensors).toBe(before + 1 + own);
      result.dispose();
    }
    expect(tf.memory().numTensors).toBeGreaterThanOrEqual(weight);
    tf.dispose([x, y, known]);
  });

  it.each([
    [0, 3],
    [2, 0],
    [0, 0],
  ])('has the right value over nothing, [%i, %i]', (B, C) => {
    // Something for foreign memory to be.
    tf.fill([64], 1234.5).dispose();
    tf.tidy(() => {
      const [x, y, known] = [matrix([], B, C), matrix([], B, C), matrix([], B, C)];
      for (const options of edge.masked ? [{}, { known }] : [{}]) {
        for (const reduction of reductionsOf(edge)) {
          const result = edge.run(x, y, { ...options, ...(edge.reduces && { reduction }) });
          const values = Array.from(result.dataSync());
          if (!edge.reduces) {
            expect(values.every(Number.isFinite)).toBe(true);
            continue;
          }
          const shape = reduction !== 'none' ? [] : edge.reduces === 'rows' ? [B] : [B, C];
          expect(result.shape).toEqual(shape);
          expect(values).toEqual(values.map(() => 0));
          const gradient = tf.grad((s) => tf.sum(edge.run(s as tf.Tensor2D, y, { ...options, reduction })))(x);
          expect(gradient.shape).toEqual([B, C]);
        }
      }
    });
  });

  it.each([
    ['one image, one class', [1], 1],
    ['one image, one class, no positive', [0], 1],
    ['no positive', [0, 0, 0], 3],
    ['positives alone', [1, 1, 1], 3],
  ] as const)('is finite for %s', (__, y, C) => {
    tf.tidy(() => {
      const x = matrix([0.5, -1, 2].slice(0, C), 1, C);
      expect(evaluate(edge, x, matrix(y, 1, C)).every(Number.isFinite)).toBe(true);
    });
  });
});

const masked = edges.filter((edge) => edge.masked);

describe.each(masked.map((edge) => [edge.name, edge] as const))('%s over what is known', (_, edge) => {
  it.each(sizes)('adds nothing for NaN and infinite logits that are not, [%i, %i]', (B, C) => {
    const { x, y, known } = draw(B + 1, B, C);
    tf.tidy(() => {
      const [labels, mask] = [matrix(y, B, C), matrix(known, B, C)];
      for (const reduction of reductionsOf(edge)) {
        const options = { known: mask, ...(edge.reduces && { reduction }) };
        const clean = evaluate(
          edge,
          matrix(
            x.map((v, i) => v * known[i]),
            B,
            C,
          ),
          labels,
          options,
        );
        for (const bad of [Number.NaN, Infinity, -Infinity]) {
          const logits = matrix(
            x.map((v, i) => (known[i] ? v : bad)),
            B,
            C,
          );
          expectClose(evaluate(edge, logits, labels, options), clean, { relative: 1e-6 });
        }
      }
    });
  });

  it('adds nothing for them in a compiled step', () => {
    const [B, C] = [3, 4];
    const { x, y, known } = draw(8, B, C);
    const [labels, mask] = [matrix(y, B, C), matrix(known, B, C)];
    const step = compile((s: tf.Tensor2D, l: tf.Tensor2D, k: tf.Tensor2D) => ({ loss: edge.run(s, l, { known: k }) }));
    const read = (values: Float32Array): number[] =>
      tf.tidy(() => Array.from(step(matrix(values, B, C), labels, mask).loss.dataSync()));
    const clean = read(x.map((v, i) => v * known[i]));
    expect(clean.every(Number.isFinite)).toBe(true);
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      expectClose(read(x.map((v, i) => (known[i] ? v : bad))), clean, { relative: 1e-6 });
    }
    step.dispose();
    tf.dispose([labels, mask]);
  });

  it('leaves out the only entry', () => {
    tf.tidy(() => {
      const [y, known] = [matrix([1], 1, 1), matrix([0], 1, 1)];
      const values = evaluate(edge, matrix([Number.NaN], 1, 1), y, { known });
      expect(values.map((value) => value + 0)).toEqual(values.map(() => 0));
    });
  });

  it('refuses a mask of anything but zeros and ones', () => {
    tf.tidy(() => {
      const call = (value: number) => () =>
        edge.run(matrix([0, 0], 1, 2), matrix([0, 1], 1, 2), { known: matrix([1, value], 1, 2) });
      for (const value of [-1, 0.5, 2, Number.NaN]) {
        expect(call(value)).toThrow(DataError);
        expect(call(value)).toThrow(`options.known should be 0 or 1 everywhere, got ${value} at [0,1]`);
      }
    });
  });
});

describe.each([
  'binaryCrossEntropy',
  'binaryCrossEntropy with weights',
  'partialBinaryCrossEntropy',
  'multiLabelSoftMargin',
  'focalLoss',
  'focalLoss with weights',
  'ldamLoss',
  'distributionBalancedLoss, DB',
  'distributionBalancedLoss, DB-Focal',
])('an infinite logit in %s', (name) => {
  const edge = edges.find((each) => each.name === name) as Edge;

  it.each(sizes)('gives NaN where it is right and infinity where it is wrong, [%i, %i]', (B, C) => {
    const { x } = draw(2, B, C);
    const value = (logit: number, label: number): number =>
      tf.tidy(() => {
        const scores = x.slice();
        scores[C - 1] = logit;
        const y = new Float32Array(B * C);
        y[C - 1] = label;
        return edge.run(matrix(scores, B, C), matrix(y, B, C), { reduction: 'mean' }).dataSync()[0];
      });
    // PyTorch's binary cross-entropy with logits has the same, but NaN for the last.
    expect([value(Infinity, 1), value(Infinity, 0), value(-Infinity, 0), value(-Infinity, 1)]).toEqual([
      Number.NaN,
      Infinity,
      Number.NaN,
      Infinity,
    ]);
  });
});

it('looks at the same labels once, however many losses use them', () => {
  const [x, y] = [matrix([0, 1], 1, 2), matrix([0, 1], 1, 2)];
  losses.rankingLoss(x, y).dispose();
  const { dataSync } = y;
  y.dataSync = () => {
    throw new Error('looked again');
  };
  expect(() => losses.asymmetricLossSingleLabel(x, y).dispose()).not.toThrow('looked again');
  y.dataSync = dataSync;
  tf.dispose([x, y]);
});

describe.each([
  ['cosineSimilarityLoss', losses.cosineSimilarityLoss, 0],
  ['reconstructionLoss', losses.reconstructionLoss, 1],
] as const)('%s', (_, loss, farthest) => {
  it.each([
    [0, 3],
    [2, 0],
    [0, 0],
  ] as const)('of nothing, [%i, %i], has cosines of 0', (K, D) => {
    tf.fill([64], 1234.5).dispose();
    tf.tidy(() => {
      const [a, b] = [tf.zeros<tf.Rank.R2>([K, D]), tf.zeros<tf.Rank.R2>([K, D])];
      const { value, grads } = tf.valueAndGrads((p, q) => loss(p as tf.Tensor2D, q as tf.Tensor2D))([a, b]);
      expect(value.dataSync()[0]).toBe(farthest * K);
      for (const gradient of grads) expect(gradient.shape).toEqual([K, D]);
    });
  });
});
