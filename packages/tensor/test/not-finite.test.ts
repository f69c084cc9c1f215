import {
  Adam,
  AdamW,
  avgPool2d,
  clipGradients,
  Ema,
  globalAveragePool,
  l2Normalize,
  logSoftmax,
  Module,
  maxPool2d,
  Parameter,
  Sgd,
  softmax,
} from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradientsOf } from './support.ts';

const { NaN: nan, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: lowest } = Number;
const list = (x: tf.Tensor): number[] => Array.from(x.dataSync());

/** [1, H, W, C] with some values that are no finite numbers. */
const maps = fc
  .record({ H: fc.integer({ min: 3, max: 7 }), W: fc.integer({ min: 3, max: 7 }), C: fc.integer({ min: 1, max: 9 }) })
  .chain(({ H, W, C }) =>
    fc.record({
      shape: fc.constant([1, H, W, C] as [number, number, number, number]),
      values: fc.array(fc.constantFrom(-3, -2, -1, 1, 2, 3, 4, 5, lowest, lowest, inf, nan), {
        minLength: H * W * C,
        maxLength: H * W * C,
      }),
    }),
  );

const windows = fc
  .record({ kernel: fc.integer({ min: 1, max: 3 }), stride: fc.integer({ min: 1, max: 3 }), half: fc.boolean() })
  .map(({ kernel, stride, half }) => ({ kernel, stride, padding: half ? Math.floor(kernel / 2) : 0 }));

/** What a pool makes of the cells of each window that are in the image. */
function pooled(
  shape: readonly number[],
  values: readonly number[],
  { kernel, stride, padding }: { readonly kernel: number; readonly stride: number; readonly padding: number },
  pool: (cells: number[]) => number,
): number[] {
  const [, H, W, C] = shape;
  const size = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
  const taps = Array.from({ length: kernel }, (_, tap) => tap);
  const y: number[] = [];
  for (let row = 0; row < size(H); row++) {
    for (let column = 0; column < size(W); column++) {
      for (let c = 0; c < C; c++) {
        const cells = taps.flatMap((i) =>
          taps.flatMap((j) => {
            const [r, k] = [row * stride + i - padding, column * stride + j - padding];
            return r >= 0 && r < H && k >= 0 && k < W ? [values[(r * W + k) * C + c]] : [];
          }),
        );
        y.push(pool(cells));
      }
    }
  }
  return y;
}

// What WebGPU computes cannot be read synchronously, and it leaves NaN out.
describe.runIf(tf.getBackend() !== 'webgpu')('values that are not finite, as in PyTorch', () => {
  test('the maximum of a window with NaN is NaN, that of −∞ alone −∞', () => {
    fc.assert(
      fc.property(maps, windows, ({ shape, values }, window) => {
        const y = maxPool2d(tf.tensor4d(values, shape), window);
        expect(list(y)).toEqual(pooled(shape, values, window, (cells) => Math.max(...cells)));
        y.dispose();
      }),
      { numRuns: 60 },
    );
  });

  test('the gradient of a maximum goes to NaN where there is one', () => {
    const x = tf.tensor4d([1, nan, 2, lowest, lowest, lowest], [2, 3, 1, 1]);
    const [dx] = gradientsOf((maps) => maxPool2d(maps, { kernel: [3, 1] }), [x], tf.tensor4d([5, 7], [2, 1, 1, 1]));
    expect(list(dx)).toEqual([0, 5, 0, 7, 0, 0]);
  });

  test('the mean of a window with NaN, or with both infinities, is NaN', () => {
    fc.assert(
      fc.property(maps, windows, ({ shape, values }, window) => {
        const cells = window.kernel ** 2;
        const y = list(avgPool2d(tf.tensor4d(values, shape), window));
        const expected = pooled(shape, values, window, (inside) => inside.reduce((sum, v) => sum + v, 0) / cells);
        expectClose(y, expected);
        expectClose(list(globalAveragePool(tf.tensor4d(values, shape))).slice(0, 1), [
          values.filter((_, i) => i % shape[3] === 0).reduce((sum, v) => sum + v, 0) / (shape[1] * shape[2]),
        ]);
      }),
      { numRuns: 60 },
    );
  });

  test('softmax gives −∞ no share, and NaN for ∞, NaN and −∞ alone', () => {
    const rows = [
      [lowest, 0, 0],
      [inf, 0, 1],
      [0, nan, 1],
      [lowest, lowest, lowest],
    ];
    const shares = [0, 0.5, 0.5, ...new Array<number>(9).fill(nan)];
    expectClose(list(softmax(tf.tensor2d(rows))), shares);
    expectClose(list(logSoftmax(tf.tensor2d(rows))), shares.map(Math.log));
    const [dx] = gradientsOf(logSoftmax, [tf.tensor2d([rows[0]])], tf.tensor2d([[1, 2, 4]]));
    expectClose(list(dx), [1, -1.5, 0.5]);
  });

  test('a zero vector stays zero under l2Normalize, with the gradient dy / ε', () => {
    const x = tf.zeros([1, 2]);
    expect(list(l2Normalize(x))).toEqual([0, 0]);
    for (const epsilon of [1e-12, 1e-3]) {
      const [dx] = gradientsOf((v) => l2Normalize(v, { epsilon }), [x], tf.tensor2d([[1, -2]]));
      expectClose(list(dx), [1 / epsilon, -2 / epsilon], { relative: 1e-6 });
    }
    expect(list(l2Normalize(tf.tensor2d([[inf, 1]])))).toEqual([nan, 0]);
  });

  test('clipping an infinite gradient makes it NaN and the others 0; a border of ∞ clips nothing', () => {
    const given = [tf.tensor1d([inf, 3]), tf.tensor1d([4])];
    const clip = (tensors: tf.Tensor[], border: number) => {
      const parameters = tensors.map((tensor) => [new Parameter(tf.zerosLike(tensor)), tensor] as const);
      return [...clipGradients(new Map(parameters), border).gradients.values()].flatMap(list);
    };
    expect(clip(given, 1)).toEqual([nan, 0, 0]);
    expect(clip([tf.tensor1d([3]), tf.tensor1d([4])], inf)).toEqual([3, 4]);
  });

  test.each([
    ['Sgd', (p: Parameter) => new Sgd([{ parameters: [['p', p]], learningRate: 1 }], { momentum: 0.9 })],
    ['Adam', (p: Parameter) => new Adam([{ parameters: [['p', p]], learningRate: 1 }])],
    ['AdamW', (p: Parameter) => new AdamW([{ parameters: [['p', p]], learningRate: 1, weightDecay: 0.1 }])],
  ])('%s: NaN in a gradient makes its own entry NaN, and no other', (_, optimizerOf) => {
    const p = new Parameter(tf.tensor1d([1, 2]));
    const optimizer = optimizerOf(p);
    for (let step = 0; step < 2; step++) optimizer.step(new Map([[p, tf.tensor1d([nan, 1])]]));
    const [first, second] = list(p.variable);
    expect(first).toBeNaN();
    expect(Number.isFinite(second)).toBe(true);
    optimizer.dispose();
  });

  test('an average of what is NaN is NaN, whatever its decay', () => {
    class One extends Module {
      p = new Parameter(tf.tensor1d([1, 2]));
    }
    for (const decay of [0, 0.5, 1]) {
      const module = new One();
      const ema = new Ema(module, { decay });
      module.p.variable.assign(tf.tensor1d([nan, 4]));
      ema.update();
      ema.swap();
      expect(list(module.p.variable)).toEqual([nan, 4 - 2 * decay]);
      ema.dispose();
      module.dispose();
    }
  });
});
