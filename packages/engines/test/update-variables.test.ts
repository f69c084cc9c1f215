import { Adam, AdamW, compile, Parameter, RandomStream, Sgd } from '@ltml/tensor';
import type { NamedParameter, Optimizer } from '@ltml/tensor/contract';
import { variableUpdaterKey } from '@ltml/tensor/engine';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

const backend = tf.backend();
const updater = Reflect.get(backend, variableUpdaterKey) as object | undefined;

const group = (parameters: readonly NamedParameter[], weightDecay = 0) => [
  { parameters, learningRate: 0.05, weightDecay },
];
const optimizers: [title: string, create: (parameters: NamedParameter[]) => Optimizer][] = [
  ['Adam', (p) => new Adam(group(p))],
  ['Adam with coupled decay', (p) => new Adam(group(p, 0.1))],
  ['AdamW', (p) => new AdamW(group(p, 0.1))],
  ['SGD', (p) => new Sgd(group(p))],
  ['SGD with decay', (p) => new Sgd(group(p, 0.1))],
  ['SGD with momentum, dampening and decay', (p) => new Sgd(group(p, 0.1), { momentum: 0.9, dampening: 0.3 })],
  ['SGD with Nesterov momentum', (p) => new Sgd(group(p, 0.1), { momentum: 0.9, nesterov: true })],
];

function makeParameters(): NamedParameter[] {
  const random = new RandomStream(3);
  return [[7], [3, 5], [2, 2, 4, 8], [], [1], [64, 1031]].map((shape, i): NamedParameter => {
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal());
    return [`p${i}`, new Parameter(tf.tensor(values, shape))];
  });
}

/** All values after some steps, with and without the engine's own updates. */
async function train(create: (parameters: NamedParameter[]) => Optimizer): Promise<Float32Array[]> {
  const parameters = makeParameters();
  const optimizer = create(parameters);
  for (let step = 0; step < 4; step++) {
    tf.tidy(() => {
      optimizer.step(new Map(parameters.map(([, p]) => [p, tf.sin(tf.mul(p.variable, step + 1))])));
    });
  }
  const state = await optimizer.exportState();
  const values = parameters.map(([, { variable }]) => variable.dataSync<'float32'>().slice());
  optimizer.dispose();
  for (const [, parameter] of parameters) parameter.dispose();
  return [...values, ...[...state.values()].map(({ data }) => Float32Array.from(data as Float32Array))];
}

describe.runIf(updater)('updates of variables where they are', () => {
  test.each(optimizers)('%s: to the bit as composed of ops', async (_, create) => {
    const own = await train(create);
    Reflect.set(backend, variableUpdaterKey, undefined);
    const composed = await train(create);
    Reflect.set(backend, variableUpdaterKey, updater);
    const bits = (values: readonly Float32Array[]) =>
      values.map(({ buffer }) => Buffer.from(buffer).toString('base64'));
    expect(bits(own)).toEqual(bits(composed));
  });

  const descend = (parameter: Parameter): void => {
    const optimizer = new Sgd(group([['p', parameter]]));
    tf.tidy(() => optimizer.step(new Map([[parameter, tf.onesLike(parameter.variable)]])));
    optimizer.dispose();
  };

  // Engines keep packed copies of what they multiply by.
  test('are seen by products of matrices and convolutions that saw the values before', () => {
    const random = new RandomStream(4);
    const numbers = (...shape: number[]): tf.Tensor =>
      tf.tensor(
        Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal()),
        shape,
      );
    const x = { matrix: numbers(5, 6), map: numbers(2, 4, 4, 3) };
    const uses: [shape: number[], use: (weight: tf.Tensor) => tf.Tensor][] = [
      [[6, 3], (w) => tf.matMul(x.matrix, w)],
      [[3, 6], (w) => tf.matMul(x.matrix, w, false, true)],
      [[3, 3, 3, 8], (w) => tf.conv2d(x.map as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')],
      [[1, 1, 3, 8], (w) => tf.conv2d(x.map as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')],
      [[3, 3, 3, 1], (w) => tf.depthwiseConv2d(x.map as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')],
      [[3], (w) => tf.prelu(x.map, w)],
    ];
    for (const [shape, use] of uses) {
      const parameter = new Parameter(numbers(...shape));
      const values = () => tf.tidy(() => use(parameter.variable).dataSync().slice());
      const before = values();
      for (let i = 0; i < 2; i++) {
        descend(parameter);
        const copy = tf.tensor(parameter.variable.dataSync().slice(), shape);
        expectClose(
          values(),
          tf.tidy(() => use(copy).dataSync().slice()),
          { relative: 1e-5, absolute: 1e-5 },
        );
        copy.dispose();
      }
      expect(values()).not.toEqual(before);
      parameter.dispose();
    }
    tf.dispose(x);
  });

  test('leave the values to whoever shares their memory', () => {
    const values = Float32Array.of(1, 2, 3, 4);
    const parameter = new Parameter(tf.tensor2d(values, [2, 2]));
    descend(parameter);
    expect([...values]).toEqual([1, 2, 3, 4]);
    const before = parameter.variable.dataSync().slice();
    expectClose(before, [0.95, 1.95, 2.95, 3.95]);
    const sharing = [
      tf.clone(parameter.variable),
      tf.reshape(parameter.variable, [4]),
      tf.slice(parameter.variable, [1, 0], [1, 2]),
      tf.expandDims(parameter.variable, 0),
      ...tf.unstack(parameter.variable),
    ];
    for (let i = 0; i < 3; i++) descend(parameter);
    expect(sharing.map((tensor) => [...tensor.dataSync()])).toEqual(
      [
        [0, 4],
        [0, 4],
        [2, 4],
        [0, 4],
        [0, 2],
        [2, 4],
      ].map(([from, to]) => [...before.slice(from, to)]),
    );
    expectClose(parameter.variable.dataSync(), [0.8, 1.8, 2.8, 3.8]);
    tf.dispose(sharing);
    parameter.dispose();
  });

  test('the gradient may be the parameter itself', () => {
    const parameter = new Parameter(tf.tensor1d([1, 2]));
    const optimizer = new Sgd(group([['p', parameter]]));
    for (let i = 0; i < 2; i++) optimizer.step(new Map([[parameter, parameter.variable]]));
    expectClose(parameter.variable.dataSync(), [0.9025, 1.805]);
    optimizer.dispose();
    parameter.dispose();
  });

  test('compiled steps see them, and they see those', () => {
    const parameter = new Parameter(tf.tensor1d([1, 2]));
    const { variable } = parameter;
    const half = compile(() => {
      variable.assign(tf.mul(variable, 0.5));
      return { value: tf.clone(variable) };
    });
    const run = (): number[] => {
      const { value } = half();
      const values = [...value.dataSync()];
      value.dispose();
      return values;
    };
    expectClose(run(), [0.5, 1]);
    descend(parameter);
    descend(parameter);
    expectClose(run(), [0.2, 0.45]);
    descend(parameter);
    expectClose(variable.dataSync(), [0.15, 0.4]);
    half.dispose();
    parameter.dispose();
  });

  test('leave no tensor behind', () => {
    const parameters = makeParameters();
    const optimizer = new AdamW(group(parameters, 0.1));
    const binding = (backend as { binding?: { getNumOfTensors?: () => number } }).binding;
    const step = () => tf.tidy(() => optimizer.step(new Map(parameters.map(([, p]) => [p, tf.sin(p.variable)]))));
    for (let i = 0; i < 2; i++) step();
    const counts = () => [tf.memory().numTensors, binding?.getNumOfTensors?.() ?? 0];
    const before = counts();
    for (let i = 0; i < 20; i++) step();
    const after = counts();
    expect(after[0]).toBe(before[0]);
    // The numbers of the steps are among the small constants.
    expect(after[1] - before[1]).toBeLessThanOrEqual(20);
    optimizer.dispose();
    for (const [, parameter] of parameters) parameter.dispose();
  });
});
