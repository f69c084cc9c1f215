import * as ltml from '@ltml/tensor';
import {
  Adam,
  attention,
  avgPool2d,
  batchNormInference,
  batchNormTraining,
  clipGradients,
  conv2d,
  cosineDecay,
  DataError,
  dropout,
  Ema,
  exportState,
  gelu,
  globalAveragePool,
  importState,
  Linear,
  l2Normalize,
  layerNorm,
  linear,
  logSoftmax,
  Module,
  ModuleBuffer,
  maxPool2d,
  OptionError,
  oneCycle,
  Parameter,
  RandomStream,
  roiAlign,
  roiAlignMean,
  Sgd,
  ShapeError,
  selfAttention,
  softmax,
  softmaxCrossEntropy,
  topK,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { opCases } from './op-cases.ts';
import { gradientsOf, randomTensor } from './support.ts';

const list = (x: tf.Tensor): number[] => Array.from(x.dataSync());
const ones = (...shape: number[]): tf.Tensor => tf.ones(shape);

const empties: readonly (readonly [string, number[], number[][], (...x: tf.Tensor[]) => tf.Tensor])[] = [
  [
    'conv2d',
    [0, 2, 2, 3],
    [
      [0, 3, 3, 2],
      [2, 2, 2, 3],
    ],
    (x, f) => conv2d(x, f),
  ],
  [
    'conv2d, groups',
    [0, 2, 2, 4],
    [
      [0, 3, 3, 2],
      [2, 2, 1, 4],
    ],
    (x, f) => conv2d(x, f, { groups: 2 }),
  ],
  ['maxPool2d', [0, 2, 2, 3], [[0, 4, 4, 3]], (x) => maxPool2d(x, { kernel: 2 })],
  ['avgPool2d', [0, 3, 3, 3], [[0, 4, 4, 3]], (x) => avgPool2d(x, { kernel: 2, padding: 1 })],
  ['globalAveragePool', [0, 3], [[0, 2, 2, 3]], globalAveragePool],
  [
    'batchNormInference',
    [0, 3],
    [[0, 3], [3], [3]],
    (x, g, b) => batchNormInference(x, g, b, { mean: tf.zeros([3]), variance: tf.ones([3]) }),
  ],
  ['layerNorm', [0, 4], [[0, 4], [4], [4]], (x, g, b) => layerNorm(x, g, b)],
  ['linear', [0, 5], [[0, 4], [4, 5], [5]], (x, w, b) => linear(x, w, b)],
  [
    'attention, no images',
    [0, 1, 4],
    [
      [0, 1, 4],
      [0, 3, 4],
      [0, 3, 4],
    ],
    (q, k, v) => attention(q, k, v, { heads: 2 }),
  ],
  [
    'attention, no queries',
    [2, 0, 4],
    [
      [2, 0, 4],
      [2, 3, 4],
      [2, 3, 4],
    ],
    (q, k, v) => attention(q, k, v, { heads: 1 }),
  ],
  ['selfAttention', [0, 3, 4], [[0, 3, 12]], (x) => selfAttention(x, { heads: 2 })],
  ['gelu', [0, 4], [[0, 4]], gelu],
  ['softmax', [0, 4], [[0, 4]], softmax],
  ['logSoftmax', [0, 4], [[0, 4]], logSoftmax],
  ['softmaxCrossEntropy', [0], [[0, 4]], (x) => softmaxCrossEntropy(x as tf.Tensor2D, tf.zeros([0, 4]))],
  [
    'roiAlign, no boxes',
    [1, 0, 2, 2, 3],
    [[1, 3, 3, 3]],
    (x) => roiAlign(x as tf.Tensor4D, tf.zeros([1, 0, 4]), { scale: 1 }),
  ],
  [
    'roiAlign, no images',
    [0, 2, 2, 2, 3],
    [[0, 3, 3, 3]],
    (x) => roiAlign(x as tf.Tensor4D, tf.zeros([0, 2, 4]), { scale: 1 }),
  ],
  ['roiAlignMean', [1, 0, 3], [[1, 3, 3, 3]], (x) => roiAlignMean(x as tf.Tensor4D, tf.zeros([1, 0, 4]), { scale: 1 })],
  ['l2Normalize', [0, 4], [[0, 4]], (x) => l2Normalize(x)],
  ['topK', [0, 2], [[0, 4]], (x) => topK(x, 2).values],
  ['dropout', [0, 4], [[0, 4]], (x) => dropout(x, 0.5, new RandomStream(0))],
];

// What WebGPU computes cannot be read synchronously.
describe.runIf(tf.getBackend() !== 'webgpu')('edges of the ops', () => {
  test.each(empties)('%s of nothing is empty, and moves nothing', (_, shape, shapes, run) => {
    const inputs = shapes.map((size, i) => randomTensor(size, i + 1));
    const y = run(...inputs);
    expect(y.shape).toEqual(shape);
    expect(list(y)).toEqual([]);
    for (const [i, gradient] of gradientsOf(run, inputs, ones(...shape)).entries()) {
      expect(gradient.shape).toEqual(shapes[i]);
      expect(list(gradient).every((value) => value === 0)).toBe(true);
    }
  });

  test('attention over no keys, and the mean of no cells, are refused', () => {
    expect(() => attention(ones(1, 1, 4), tf.zeros([1, 0, 4]), tf.zeros([1, 0, 4]), { heads: 1 })).toThrow(ShapeError);
    expect(() => globalAveragePool(tf.zeros([1, 0, 2, 3]))).toThrow(ShapeError);
    expect(() => batchNormTraining(tf.zeros([0, 3]), ones(3), ones(3))).toThrow(ShapeError);
  });

  test.each(opCases.map((opCase) => [opCase.name, opCase] as const))(
    '%s of int32 is that of float32',
    (_, { shapes, run }) => {
      const floats = shapes.map((shape, i) => tf.round(tf.mul(randomTensor(shape, i + 1), 3)));
      const whole = floats.map((x, i) => (i === 0 ? tf.cast(x, 'int32') : x));
      const [actual, expected] = [run(...whole), run(...floats)];
      expect(actual.dtype).toBe('float32');
      for (const [i, value] of list(expected).entries()) expect(list(actual)[i]).toBeCloseTo(value, 4);
    },
  );

  test.each(opCases.map((opCase) => [opCase.name, opCase] as const))(
    '%s leaves no tensor outside of a tidy',
    (name, { shapes, run }) => {
      // These make tensors of their own in the case.
      if (/ties|roi|batchNormInference|batchNormTraining|topK|softmaxCrossEntropy/.test(name)) return;
      const inputs = shapes.map((shape, i) => randomTensor(shape, i + 1));
      run(...inputs).dispose();
      const before = tf.memory().numTensors;
      run(...inputs).dispose();
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('nor do those with several results or made inputs', () => {
    const [x, v, m, box] = [ones(2, 3), ones(3), ones(1, 4, 4, 2) as tf.Tensor4D, tf.tensor3d([[[0, 0, 2, 2]]])];
    const target = tf.tensor2d([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const runs: (() => unknown)[] = [
      () => batchNormInference(x, v, v, { mean: v, variance: v }),
      () => batchNormTraining(x, v, v),
      () => topK(x, 2),
      () => roiAlign(m, box, { scale: 1 }),
      () => roiAlignMean(m, box, { scale: 1 }),
      () => softmaxCrossEntropy(x as tf.Tensor2D, target),
    ];
    for (const run of runs) {
      tf.dispose(run() as tf.Tensor);
      const before = tf.memory().numTensors;
      tf.dispose(run() as tf.Tensor);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  test('clipping with NaN in one gradient makes all NaN, as in PyTorch', () => {
    const [a, b] = [new Parameter(tf.zeros([2])), new Parameter(tf.zeros([1]))];
    const { gradients } = clipGradients(
      new Map([
        [a, tf.tensor1d([Number.NaN, 1])],
        [b, tf.tensor1d([2])],
      ]),
      1,
    );
    expect([...gradients.values()].flatMap(list)).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });

  test('topK takes NaN for the largest', () => {
    const { values, indices } = topK(
      tf.tensor2d([
        [1, 2, 3, Number.NaN],
        [Number.NaN, 1, Number.POSITIVE_INFINITY, 3],
        [1, 2, 3, Number.POSITIVE_INFINITY],
        [1, Number.NEGATIVE_INFINITY, 3, Number.NEGATIVE_INFINITY],
      ]),
      3,
    );
    expect(list(values)).toEqual([
      ...[Number.NaN, 3, 2],
      ...[Number.NaN, Number.POSITIVE_INFINITY, 3],
      ...[Number.POSITIVE_INFINITY, 3, 2],
      ...[3, 1, Number.NEGATIVE_INFINITY],
    ]);
    expect(list(indices)).toEqual([3, 2, 1, 0, 2, 3, 3, 2, 1, 2, 0, 1]);
  });

  test.each(opCases.map((opCase) => [opCase.name, opCase] as const))(
    '%s takes no array and nothing for a tensor',
    (_, { shapes, run, ownInput }) => {
      if (ownInput) return;
      const inputs = shapes.map((shape, i) => randomTensor(shape, i + 1));
      for (const [i, x] of inputs.entries()) {
        for (const [bad, words] of [
          [x.arraySync(), 'an array'],
          [x.dataSync(), 'an array'],
          [null, 'null'],
        ] as const) {
          const given = inputs.map((input, at) => (at === i ? (bad as never) : input));
          expect(() => run(...given)).toThrow(ShapeError);
          expect(() => run(...given)).toThrow(`should be a tensor, got ${words}`);
        }
      }
    },
  );

  test('so do those that take more than their cases say', () => {
    const [map, boxes, row] = [ones(1, 2, 2, 1), ones(1, 1, 4), ones(1, 2)];
    const calls: ((x: never) => unknown)[] = [
      (x) => roiAlign(x, boxes as tf.Tensor3D, { scale: 1 }),
      (x) => roiAlign(map as tf.Tensor4D, x, { scale: 1 }),
      (x) => roiAlignMean(x, boxes as tf.Tensor3D, { scale: 1 }),
      (x) => softmaxCrossEntropy(x, row as tf.Tensor2D),
      (x) => softmaxCrossEntropy(row as tf.Tensor2D, x),
      (x) => maxPool2d(x, { kernel: 1 }),
      (x) => batchNormInference(row, ones(2), ones(2), { mean: x, variance: ones(2) }),
    ];
    for (const call of calls) {
      for (const bad of [[[1, 2]], undefined, null, 3]) expect(() => call(bad as never)).toThrow(/should be a tensor/);
    }
  });

  test.each([0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY])(
    '%d is no count, and no epsilon below 0 or without end',
    (bad) => {
      const random = new RandomStream(0);
      for (const name of ['inChannels', 'outChannels', 'kernel', 'stride', 'groups', 'dilation']) {
        const options = { inChannels: 2, outChannels: 2, kernel: 1, random, [name]: bad };
        expect(() => new ltml.Conv2d(options), name).toThrow(OptionError);
      }
      expect(() => new Linear({ inFeatures: bad, outFeatures: 2, random })).toThrow(OptionError);
      expect(() => new Linear({ inFeatures: 2, outFeatures: bad, random })).toThrow(OptionError);
      expect(() => new ltml.LayerNorm({ features: bad })).toThrow(OptionError);
      expect(() => new ltml.BatchNorm({ channels: bad })).toThrow(OptionError);
      expect(() => roiAlign(ones(1, 2, 2, 1) as tf.Tensor4D, tf.zeros([1, 1, 4]), { scale: 1, bins: bad })).toThrow(
        OptionError,
      );
      if (bad === 0 || bad === 1.5) return;
      const groups = (rates: object) => [
        { parameters: [['p', new Parameter(tf.zeros([1]))] as const], learningRate: 0.1, ...rates },
      ];
      expect(() => new Sgd(groups({ learningRate: bad }))).toThrow(OptionError);
      expect(() => new Adam(groups({ weightDecay: bad }))).toThrow(OptionError);
      expect(() => new Adam(groups({}), { epsilon: bad })).toThrow(OptionError);
      expect(() => new ltml.Dropout({ rate: bad, random })).toThrow(OptionError);
      expect(() => new Ema(new Linear({ inFeatures: 1, outFeatures: 1, random }), { decay: bad })).toThrow(OptionError);
      expect(() => cosineDecay({ end: bad })).toThrow(OptionError);
      expect(() => oneCycle({ totalSteps: 5, finalDivisor: bad })).toThrow(OptionError);
      expect(() => layerNorm(ones(2, 2), ones(2), ones(2), { epsilon: bad })).toThrow(OptionError);
    },
  );

  test('importState refuses whole numbers beyond int32 and wrong lengths, and writes nothing then', async () => {
    class Counter extends Module {
      first = new ModuleBuffer(tf.tensor1d([1]), 'same');
      b = new ModuleBuffer(tf.tensor1d([2], 'int32'), 'same');
    }
    const counter = new Counter();
    const state = await exportState(counter);
    state.set('first', { dtype: 'F32', shape: [1], data: Float32Array.of(9) });
    state.set('b', { dtype: 'I64', shape: [1], data: BigInt64Array.of(2n ** 40n + 7n) });
    expect(() => importState(counter, state)).toThrow(DataError);
    state.set('b', { dtype: 'I32', shape: [1], data: Int32Array.of(1, 2) });
    expect(() => importState(counter, state)).toThrow(/b has 2 values/);
    expect([...list(counter.first.variable), ...list(counter.b.variable)]).toEqual([1, 2]);
  });
});
