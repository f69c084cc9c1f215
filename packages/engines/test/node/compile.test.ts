import { compile, fromHost, NotSupportedError, RandomStream, updateInPlace } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, test } from 'vitest';

const native = tf.getBackend() === 'tensorflow';
const disposables: { dispose(): void }[] = [];
afterEach(() => {
  for (const item of disposables.splice(0)) item.dispose();
});

function own<T extends { dispose(): void }>(item: T): T {
  disposables.push(item);
  return item;
}

/** A momentum step on a two-layer network, with a dropout mask drawn on the host and a rate that changes. */
function network(seed: number) {
  const random = new RandomStream(seed);
  const make = (shape: number[]) => {
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => random.normal(0, 0.3));
    const initial = tf.tensor(values, shape);
    const variable = own(tf.variable(initial));
    initial.dispose();
    return variable;
  };
  const weights = [make([6, 5]), make([5, 3])];
  const velocities = [make([6, 5]), make([5, 3])];
  let runs = 0;
  const step = (x: tf.Tensor, y: tf.Tensor) => {
    const mask = fromHost([x.shape[0], 5], () =>
      Float32Array.from({ length: x.shape[0] * 5 }, () => (random.uniform() < 0.5 ? 0 : 2)),
    );
    const rate = fromHost([], () => Float32Array.of(0.1 / ++runs));
    const loss = () => {
      const hidden = tf.mul(tf.relu(tf.matMul(x as tf.Tensor2D, weights[0] as tf.Tensor2D)), mask);
      const error = tf.sub(tf.matMul(hidden as tf.Tensor2D, weights[1] as tf.Tensor2D), y);
      return tf.mean(tf.square(error)) as tf.Scalar;
    };
    const { value, grads } = tf.variableGrads(loss, weights);
    for (const [i, weight] of weights.entries()) {
      velocities[i].assign(tf.add(tf.mul(velocities[i], 0.9), grads[weight.name]));
      weight.assign(tf.sub(weight, tf.mul(rate, velocities[i])));
    }
    return { loss: value, mask: tf.clone(mask) };
  };
  return { weights, step };
}

function batch(rows: number, seed: number): [tf.Tensor, tf.Tensor] {
  const random = new RandomStream(seed);
  const make = (columns: number) =>
    own(
      tf.tensor(
        Float32Array.from({ length: rows * columns }, () => random.normal()),
        [rows, columns],
      ),
    );
  return [make(6), make(3)];
}

function runAll(step: (x: tf.Tensor, y: tf.Tensor) => { loss: tf.Scalar; mask: tf.Tensor }, sizes: number[]): number[] {
  return sizes.map((rows, i) => {
    const [x, y] = batch(rows, i);
    const { loss, mask } = step(x, y);
    const value = loss.dataSync()[0];
    tf.dispose([loss, mask]);
    return value;
  });
}

describe('a compiled step', () => {
  test('equals the eager step over 20 runs, with dropout, momentum and a changing rate', () => {
    const eager = network(1);
    const compiled = network(1);
    const step = own(compile(compiled.step));
    const sizes = new Array(20).fill(8);
    const expected = runAll((x, y) => tf.tidy(() => eager.step(x, y)), sizes);
    const actual = runAll(step, sizes);
    expect(step.compiled).toBe(native);
    for (const [i, value] of actual.entries()) expect(Math.abs(value / expected[i] - 1)).toBeLessThan(1e-6);
    expect(compiled.weights[0].dataSync()).toEqual(eager.weights[0].dataSync());
  });

  test('goes on from variables that eager code read or assigned between runs', () => {
    const eager = network(2);
    const compiled = network(2);
    const step = own(compile(compiled.step));
    for (let round = 0; round < 3; round++) {
      runAll((x, y) => tf.tidy(() => eager.step(x, y)), [4, 4]);
      runAll(step, [4, 4]);
      for (const { weights } of [eager, compiled]) tf.tidy(() => weights[0].assign(tf.mul(weights[0], 0.5)));
    }
    expect(compiled.weights[0].dataSync()).toEqual(eager.weights[0].dataSync());
    expect(compiled.weights[1].dataSync()).toEqual(eager.weights[1].dataSync());
  });

  test('shares its variables between traces of different batch sizes', () => {
    const eager = network(3);
    const compiled = network(3);
    const reasons: string[] = [];
    const step = own(compile(compiled.step, { maxTraces: 2, onRetrace: (reason) => reasons.push(reason) }));
    const sizes = [4, 7, 4, 7, 2, 4];
    const expected = runAll((x, y) => tf.tidy(() => eager.step(x, y)), sizes);
    expect(runAll(step, sizes)).toEqual(expected);
    // 7 and 2 are new; 2 pushes out 4, which is therefore recorded once more.
    expect(reasons.length).toBe(native ? 3 : 0);
  });

  test('leaves the newest values in the variables when it is disposed of', () => {
    const eager = network(4);
    const compiled = network(4);
    const step = compile(compiled.step);
    runAll((x, y) => tf.tidy(() => eager.step(x, y)), [4, 4, 4]);
    runAll(step, [4, 4, 4]);
    step.dispose();
    expect(compiled.weights[0].dataSync()).toEqual(eager.weights[0].dataSync());
  });

  test('gives the same bits when a fresh trace goes on in the middle, as after a restart', () => {
    const going = network(6);
    const stopped = network(6);
    const goingStep = own(compile(going.step));
    const losses = runAll(goingStep, [4, 4, 4, 4, 4, 4]);
    const first = compile(stopped.step);
    const before = runAll(first, [4, 4, 4]);
    first.dispose();
    const second = own(compile(stopped.step));
    const after = [3, 4, 5].map((seed) => {
      const { loss, mask } = second(...batch(4, seed));
      const value = loss.dataSync()[0];
      tf.dispose([loss, mask]);
      return value;
    });
    expect([...before, ...after]).toEqual(losses);
    expect(stopped.weights[1].dataSync()).toEqual(going.weights[1].dataSync());
  });

  test('equals the eager step over 20 runs when XLA compiles the graph', () => {
    const eager = network(4);
    const compiled = network(4);
    const step = own(compile(compiled.step, { xla: true }));
    const [x, y] = batch(4, 8);
    for (let i = 0; i < 20; i++) {
      const [got, expected] = [step(x, y), tf.tidy(() => eager.step(x, y))];
      expectClose(got.loss.dataSync(), expected.loss.dataSync(), { relative: 1e-6 });
      tf.dispose([got, expected]);
    }
    for (const [i, weight] of eager.weights.entries()) {
      expectClose(compiled.weights[i].dataSync(), weight.dataSync(), { relative: 1e-5, absolute: 1e-7 });
    }
  });

  test('makes no tensor that it does not return, over 1,000 runs and 20 traces', () => {
    const { step: body } = network(5);
    const [x, y] = batch(4, 0);
    let mode = 0;
    const step = own(compile(body, { key: () => `${mode}` }));
    tf.dispose(step(x, y));
    const before = tf.memory().numTensors;
    for (let i = 0; i < 1000; i++) tf.dispose(step(x, y));
    for (mode = 1; mode <= 20; mode++) tf.dispose(step(x, y));
    expect(tf.memory().numTensors).toBe(before);
  });
});

test('clones and copies of a variable keep the value they were made of', () => {
  const weight = own(tf.variable(tf.tensor([1, 2])));
  // A fresh copy shares its values with the original until one of them is assigned.
  const average = own(tf.tidy(() => tf.variable(weight.clone())));
  const step = own(
    compile((x: tf.Tensor) => {
      weight.assign(tf.add(weight, x));
      average.assign(tf.add(tf.mul(average, 0.5), tf.mul(weight, 0.5)));
      return { sum: tf.sum(weight) };
    }),
  );
  const x = own(tf.tensor([1, 1]));
  const seen: tf.Tensor[] = [own(weight.clone())];
  for (let run = 0; run < 3; run++) {
    step(x).sum.dispose();
    seen.push(own(weight.clone()));
  }
  const backup = own(tf.variable(tf.tensor([0, 0])));
  backup.assign(weight);
  step(x).sum.dispose();
  expect(seen.map((clone) => [...clone.dataSync()])).toEqual([
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ]);
  expect([...backup.dataSync()]).toEqual([4, 5]);
  expect([...weight.dataSync()]).toEqual([5, 6]);
  expect([...average.dataSync()]).toEqual([4.0625, 5.0625]);
});

test('a variable that an op of the engine updates in place is what the rest of the step and eager code see', () => {
  const make = () => {
    const weight = own(tf.variable(tf.tensor([1, 2, 3])));
    const velocity = own(tf.variable(tf.tensor([0, 0, 0])));
    const average = own(tf.variable(tf.tensor([0, 0, 0])));
    const step = (x: tf.Tensor) => {
      const gradient = tf.mul(weight, x);
      const before = tf.sum(weight);
      const [rate, momentum] = [tf.scalar(0.1), tf.scalar(0.9)];
      for (let repeat = 0; repeat < 2; repeat++) {
        const update = {
          op: 'ResourceApplyMomentum',
          variables: [weight, velocity],
          inputs: [rate, gradient, momentum],
        };
        updateInPlace([update], () => {
          velocity.assign(tf.add(tf.mul(velocity, momentum), gradient));
          weight.assign(tf.sub(weight, tf.mul(velocity, rate)));
        });
      }
      average.assign(tf.add(tf.mul(average, 0.5), tf.mul(weight, 0.5)));
      return { before, after: tf.sum(weight) };
    };
    return { state: [weight, velocity, average], step };
  };
  const eager = make();
  const compiled = make();
  const step = own(compile(compiled.step));
  for (let run = 0; run < 5; run++) {
    const x = own(tf.tensor([0.5, -0.2, 0.1 * run]));
    const expected = tf.tidy(() => eager.step(x));
    const actual = step(x);
    expectClose(actual.before.dataSync(), expected.before.dataSync(), { relative: 1e-6 });
    expectClose(actual.after.dataSync(), expected.after.dataSync(), { relative: 1e-6 });
    tf.dispose([expected, actual]);
  }
  for (const [i, variable] of compiled.state.entries()) {
    expectClose(variable.dataSync(), eager.state[i].dataSync(), { relative: 1e-6 });
  }
});

const values = (size: number) => Float32Array.from({ length: size }, (_, i) => i);

test('a step may gather rows by indices that it is given, with gradient', () => {
  const table = own(
    tf.variable(
      tf.tensor2d([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ),
  );
  const step = own(
    compile((indices: tf.Tensor) => {
      const rows = () => tf.sum(tf.square(tf.gather(table, indices as tf.Tensor1D))) as tf.Scalar;
      const { value, grads } = tf.variableGrads(rows, [table]);
      return { value, gradient: grads[table.name] };
    }),
  );
  for (const [indices, sum, gradient] of [
    [[0, 2], 66, [2, 4, 0, 0, 10, 12]],
    [[1, 1], 50, [0, 0, 12, 16, 0, 0]],
  ] as const) {
    const { value, gradient: actual } = step(own(tf.tensor1d([...indices], 'int32')));
    expect(value.dataSync()[0]).toBe(sum);
    expect([...actual.dataSync()]).toEqual(gradient);
    tf.dispose([value, actual]);
  }
});

test('a step may add an axis', () => {
  const step = own(compile((rows: tf.Tensor) => ({ table: tf.greater(rows, tf.expandDims(rows, 1)) })));
  const { table } = step(own(tf.tensor1d([1, 2], 'int32')));
  expect([...own(table).dataSync()]).toEqual([0, 1, 0, 0]);
});

test('large tensors of one repeated value are no data: they may be part of a step', () => {
  const [x] = batch(2, 0);
  const step = own(compile((input: tf.Tensor) => ({ y: tf.add(tf.sum(input), tf.sum(tf.ones([1000, 1000]))) })));
  const sum = tf.tidy(() => tf.sum(x).dataSync()[0]);
  for (let run = 0; run < 2; run++) {
    const { y } = step(x);
    expect(y.dataSync()[0]).toBeCloseTo(1e6 + sum, 0);
    y.dispose();
  }
});

describe.runIf(native)('a step that cannot be a graph is refused with the line at fault', () => {
  const cases: [title: string, step: (x: tf.Tensor) => Record<string, tf.Tensor>, message: RegExp][] = [
    ['a read back to the host', (x) => ({ y: tf.scalar(tf.sum(x).dataSync()[0]) }), /read of a tensor.*compile\.test/],
    ['unseeded randomness', (x) => ({ y: tf.add(x, tf.randomUniform(x.shape)) }), /Math\.random/],
    ['a new variable', (x) => ({ y: tf.add(x, own(tf.variable(tf.scalar(1)))) }), /new variable/],
    [
      'a large constant',
      (x) => ({ y: tf.add(tf.sum(x), tf.sum(tf.tensor(values(300_000)))) }),
      /300000.*compile\.test/,
    ],
  ];
  for (const [title, body, message] of cases) {
    test(title, () => {
      const [x] = batch(2, 0);
      const state = own(tf.variable(tf.scalar(7)));
      const assignFirst = (input: tf.Tensor) => {
        state.assign(tf.scalar(8));
        return body(input);
      };
      const step = own(compile(assignFirst));
      const error = catchError(() => step(x));
      expect(NotSupportedError.is(error)).toBe(true);
      expect((error as Error).message).toMatch(message);
      expect(state.dataSync()[0]).toBe(7);
      // The engine works on as before.
      expect(tf.tidy(() => tf.sum(tf.ones([3])).dataSync()[0])).toBe(3);
    });
  }
});

test.runIf(native)('a refused step runs eagerly where a fallback is asked for, and says so once', () => {
  const told: Error[] = [];
  const [x] = batch(2, 0);
  const total = own(tf.variable(tf.scalar(0)));
  const body = (input: tf.Tensor) => {
    total.assign(tf.add(total, tf.scalar(tf.sum(input).dataSync()[0])) as tf.Scalar);
    return { total: tf.clone(total) };
  };
  const step = own(compile(body, { onFallback: (error) => told.push(error) }));
  const sum = tf.tidy(() => tf.sum(x).dataSync()[0]);
  for (let run = 1; run <= 3; run++) {
    const output = step(x).total;
    expect(output.dataSync()[0]).toBeCloseTo(run * sum, 4);
    output.dispose();
  }
  expect(told.length).toBe(1);
});

function catchError(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('it was not refused');
}
