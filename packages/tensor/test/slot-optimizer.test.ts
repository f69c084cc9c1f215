import {
  Adam,
  AdamW,
  compile,
  DataError,
  type Gradients,
  type Optimizer,
  OptionError,
  Parameter,
  type ParameterGroup,
  RandomStream,
  Sgd,
} from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

type Build = (groups: readonly ParameterGroup[]) => Optimizer;

const kinds: [string, Build][] = [
  ['Sgd with momentum', (groups) => new Sgd(groups, { momentum: 0.9, dampening: 0.1 })],
  ['Adam', (groups) => new Adam(groups)],
  ['AdamW', (groups) => new AdamW(groups)],
];

const shapes: Readonly<Record<string, number[]>> = {
  'conv.weight': [3, 3, 2, 4],
  'bn.weight': [4],
  'bn.bias': [4],
  'fc.weight': [4, 5],
  'fc.bias': [5],
  scale: [],
};

const normalTensor = (random: RandomStream, shape: readonly number[]) =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => random.normal()),
    [...shape],
  );

function makeParameters(seed: number): Map<string, Parameter> {
  const random = new RandomStream(seed);
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const layout = name === 'conv.weight' ? 'OIHW' : name === 'fc.weight' ? 'OI' : undefined;
      return [name, new Parameter(normalTensor(random, shape), layout ? { layout } : {})];
    }),
  );
}

function makeGradients(parameters: ReadonlyMap<string, Parameter>, seed: number): Gradients {
  const random = new RandomStream(seed);
  return new Map([...parameters.values()].map((parameter) => [parameter, normalTensor(random, parameter.shape)]));
}

const valuesOf = (parameters: ReadonlyMap<string, Parameter>) =>
  [...parameters.values()].map(({ variable }) => variable.dataSync());

for (const [name, build] of kinds) {
  describe(name, () => {
    const optimize = (parameters: ReadonlyMap<string, Parameter>) =>
      build([{ parameters, learningRate: 0.1, weightDecay: 0.01 }]);

    test('updates vectors that are joined as it does each alone, bit for bit', () => {
      const together = makeParameters(1);
      const alone = makeParameters(1);
      const joined = optimize(together);
      const single = new Map([...alone].map(([name, parameter]) => [name, optimize(new Map([[name, parameter]]))]));
      for (let seed = 0; seed < 3; seed++) {
        joined.step(makeGradients(together, seed));
        const gradients = makeGradients(alone, seed);
        for (const optimizer of single.values()) optimizer.step(gradients);
      }
      expect(valuesOf(together)).toEqual(valuesOf(alone));
    });

    test('resumed from its state it goes on as if it had not stopped, bit for bit', async () => {
      await fc.assert(
        fc.asyncProperty(fc.nat(3), fc.integer({ min: 1, max: 3 }), async (before, after) => {
          const straight = makeParameters(2);
          const optimizer = optimize(straight);
          for (let i = 0; i < before; i++) optimizer.step(makeGradients(straight, i));
          const resumed = makeParameters(3);
          for (const [name, { variable }] of straight) resumed.get(name)!.variable.assign(variable);
          const second = optimize(resumed);
          // What it held before must not shine through.
          if (after === 2) second.step(makeGradients(resumed, 9));
          for (const [name, { variable }] of straight) resumed.get(name)!.variable.assign(variable);
          second.importState(await optimizer.exportState());
          for (let i = before; i < before + after; i++) {
            optimizer.step(makeGradients(straight, i));
            second.step(makeGradients(resumed, i));
          }
          expect(valuesOf(resumed)).toEqual(valuesOf(straight));
          expect(await second.exportState()).toEqual(await optimizer.exportState());
        }),
        { numRuns: 8, seed: 5 },
      );
    });

    test('takes a rate for all groups in place of their own', () => {
      const [own, ofAll] = [makeParameters(6), makeParameters(6)];
      build([{ parameters: own, learningRate: 0.02 }]).step(makeGradients(own, 0));
      const rates = { learningRateFactor: 0.5, learningRate: 0.02 };
      build([{ parameters: ofAll, learningRate: 0.3 }]).step(makeGradients(ofAll, 0), rates);
      expect(valuesOf(ofAll)).toEqual(valuesOf(own));
    });

    test('leaves a parameter without a gradient and its state alone', async () => {
      const parameters = makeParameters(4);
      const optimizer = optimize(parameters);
      const gradients = new Map(makeGradients(parameters, 0));
      const skipped = parameters.get('bn.bias')!;
      gradients.delete(skipped);
      const before = skipped.variable.dataSync().slice();
      optimizer.step(gradients);
      expect(skipped.variable.dataSync()).toEqual(before);
      const state = await optimizer.exportState();
      expect([...state.keys()].filter((entry) => entry.startsWith('bn.bias'))).toEqual([]);
      expect(state.get('bn.weight.step')?.data[0]).toBe(1);
    });

    test('counts the steps of each parameter by itself', () => {
      const late = new Parameter(tf.tensor1d([1, 2]));
      const fresh = new Parameter(tf.tensor1d([1, 2]));
      const other = new Parameter(tf.tensor1d([5]));
      const gradient = tf.tensor1d([0.5, -1]);
      const optimizer = optimize(
        new Map([
          ['late', late],
          ['other', other],
        ]),
      );
      for (let i = 0; i < 3; i++) optimizer.step(new Map([[other, tf.tensor1d([1])]]));
      optimizer.step(
        new Map([
          [late, gradient],
          [other, tf.tensor1d([1])],
        ]),
      );
      optimize(new Map([['fresh', fresh]])).step(new Map([[fresh, gradient]]));
      expect(late.variable.dataSync()).toEqual(fresh.variable.dataSync());
    });

    test('gives each group its own rate and weight decay', () => {
      const [a, b, c] = [0, 1, 2].map(() => new Parameter(tf.tensor1d([1, 2])));
      const gradient = tf.tensor1d([1, -1]);
      const rates = { learningRateFactor: 0.5 };
      build([
        { parameters: [['a', a]], learningRate: 0.2, weightDecay: 0.3 },
        { parameters: [], learningRate: 1 },
        { parameters: [['b', b]], learningRate: 0.4 },
      ]).step(
        new Map([
          [a, gradient],
          [b, gradient],
        ]),
        rates,
      );
      build([{ parameters: [['c', c]], learningRate: 0.1, weightDecay: 0.3 }]).step(new Map([[c, gradient]]));
      expectClose(a.variable.dataSync(), c.variable.dataSync());
      const d = new Parameter(tf.tensor1d([1, 2]));
      build([{ parameters: [['d', d]], learningRate: 0.2 }]).step(new Map([[d, gradient]]));
      expectClose(b.variable.dataSync(), d.variable.dataSync());
    });

    test('leaves no tensor behind', async () => {
      const before = tf.memory().numTensors;
      const parameters = makeParameters(1);
      const optimizer = optimize(parameters);
      const built = tf.memory().numTensors;
      const gradients = makeGradients(parameters, 1);
      optimizer.step(gradients);
      optimizer.step(gradients, () => ({ learningRateFactor: 0.5 }));
      optimizer.importState(await optimizer.exportState());
      expect(tf.memory().numTensors).toBe(built + parameters.size);
      for (const gradient of gradients.values()) gradient.dispose();
      optimizer.dispose();
      for (const parameter of parameters.values()) parameter.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}

for (const [name, build] of kinds) {
  test(`${name} in a compiled step counts and follows its schedule as in an eager one`, async () => {
    const eager = makeParameters(1);
    const compiled = makeParameters(1);
    const schedule = (done: number) => ({ learningRateFactor: 1 / (done + 1), momentum: 0.9 - 0.1 * done });
    const reference = build([{ parameters: eager, learningRate: 0.1, weightDecay: 0.01 }]);
    const optimizer = build([{ parameters: compiled, learningRate: 0.1, weightDecay: 0.01 }]);
    let done = 0;
    const parameters = [...compiled.values()];
    const step = compile((...values: tf.Tensor[]) => {
      const gradients = new Map(parameters.map((parameter, i) => [parameter, values[i]]));
      optimizer.step(gradients, () => schedule(done));
      return { scale: tf.clone(parameters[5].variable) };
    });
    for (; done < 4; done++) {
      reference.step(makeGradients(eager, done), schedule(done));
      step(...makeGradients(compiled, done).values()).scale.dispose();
    }
    for (const [i, values] of valuesOf(compiled).entries()) expectClose(values, valuesOf(eager)[i], { relative: 1e-6 });
    expect((await optimizer.exportState()).get('scale.step')?.data[0]).toBe(4);
    step.dispose();
  });
}

test('a state has PyTorch’s names and axis order', async () => {
  const parameters = makeParameters(1);
  const gradients = makeGradients(parameters, 1);
  const adam = new Adam([{ parameters, learningRate: 0.1 }], { beta1: 0 });
  adam.step(gradients);
  const state = await adam.exportState();
  expect([...state.keys()].filter((entry) => entry.startsWith('fc.bias')).sort()).toEqual([
    'fc.bias.exp_avg',
    'fc.bias.exp_avg_sq',
    'fc.bias.step',
  ]);
  expect(state.get('conv.weight.exp_avg')?.shape).toEqual([4, 2, 3, 3]);
  // With β₁ = 0 the first moment is the gradient.
  const first = state.get('fc.weight.exp_avg')!;
  expect(first.shape).toEqual([5, 4]);
  expect(first.data).toEqual(tf.transpose(gradients.get(parameters.get('fc.weight')!)!).dataSync());
});

test('importState lists all that is wrong at once and changes nothing', async () => {
  const parameters = makeParameters(1);
  const adam = new Adam([{ parameters, learningRate: 0.1 }]);
  adam.step(makeGradients(parameters, 1));
  const good = await adam.exportState();
  const bad = new Map(good);
  bad.delete('bn.bias.exp_avg');
  bad.set('fc.bias.exp_avg', { dtype: 'F32', shape: [4], data: new Float32Array(4) });
  bad.set('nobody.step', { dtype: 'I32', shape: [], data: Int32Array.of(1) });
  const attempt = () => adam.importState(bad);
  expect(attempt).toThrow(DataError);
  expect(attempt).toThrow(/Adam.importState.*nobody.step is unexpected/);
  expect(attempt).toThrow(/bn.bias.exp_avg is missing/);
  expect(attempt).toThrow(/fc.bias.exp_avg has shape \[4\], not \[5\]/);
  expect(await adam.exportState()).toEqual(good);
});

test('asks for its rates anew at every step when they are a function', () => {
  const p = new Parameter(tf.scalar(1));
  const sgd = new Sgd([{ parameters: [['p', p]], learningRate: 1 }]);
  let learningRateFactor = 0.5;
  const rates = () => ({ learningRateFactor });
  sgd.step(new Map([[p, tf.scalar(1)]]), rates);
  learningRateFactor = 0.25;
  sgd.step(new Map([[p, tf.scalar(1)]]), rates);
  expectClose(p.variable.dataSync(), [0.25]);
});

test('refuses groups that make no sense', () => {
  const p = new Parameter(tf.scalar(1));
  const q = new Parameter(tf.scalar(1));
  const group = (name: string, parameter: Parameter) => ({ parameters: [[name, parameter]] as const, learningRate: 1 });
  expect(() => new Sgd([])).toThrow(/Sgd: groups should be at least one parameter/);
  expect(() => new Sgd([{ parameters: [], learningRate: 1 }])).toThrow(OptionError);
  expect(() => new Sgd([{ ...group('p', p), learningRate: -1 }])).toThrow(/groups\[0\].learningRate/);
  expect(() => new Sgd([{ ...group('p', p), weightDecay: Number.NaN }])).toThrow(/groups\[0\].weightDecay/);
  expect(() => new Sgd([group('p', p), group('again', p)])).toThrow(/groups\[1\].*"again"/);
  expect(() => new Sgd([group('p', p), group('p', q)])).toThrow(/groups\[1\].*"p"/);
});
