import { compile, fromHost, NotSupportedError, throughHost, updateInPlace } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';

/** What another rank would add: the rows in reverse, half as large. */
const exchange = (values: Float32Array): Float32Array =>
  values.map((value, i) => value + values[values.length - 1 - i] / 2);

/** Two parts with the host in between twice, state that is read and written in each, and a gradient through all of it. */
function setup() {
  const weight = tf.variable(tf.tensor2d([0.3, -0.2, 0.5, 0.7], [2, 2]));
  const count = tf.variable(tf.scalar(1));
  const mean = tf.variable(tf.zeros([2]));
  let draws = 0;
  const added = tf.customGrad((x) => ({
    value: throughHost([x as tf.Tensor], [[3, 2]], ([values]) => [exchange(values)])[0],
    gradFunc: (dy: tf.Tensor) => [tf.add(dy, tf.mul(tf.reverse(dy), 0.5))],
  }));
  const step = (x: tf.Tensor) => {
    const noise = fromHost([1, 2], () => Float32Array.of(++draws, -draws));
    const loss = (): tf.Scalar => {
      const hidden = tf.tanh(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D));
      updateInPlace(
        [{ op: 'ResourceApplyGradientDescent', variables: [count], inputs: [tf.scalar(-1), tf.scalar(2)] }],
        () => count.assign(tf.add(count, 2)),
      );
      const first = added(tf.mul(hidden, count));
      mean.assign(tf.mean(first, 0));
      const second = added(tf.add(tf.relu(first), tf.mul(noise, tf.sigmoid(hidden))));
      return tf.mean(tf.square(tf.add(second, mean)));
    };
    const { value, grads } = tf.variableGrads(loss, [weight]);
    weight.assign(tf.sub(weight, tf.mul(grads[weight.name], 0.01)));
    return { loss: value, positive: tf.cast(tf.greater(weight, 0), 'int32') };
  };
  const dispose = (): void => tf.dispose([weight, count, mean]);
  return { step, state: () => [weight, count, mean].flatMap((variable) => [...variable.dataSync()]), dispose };
}

describe('a step that the host takes part in', () => {
  test('has the same numbers in one graph after the other as op by op', () => {
    const x = tf.tensor2d([1, 2, -1, 0.5, 0.3, -2], [3, 2]);
    const [a, b] = [setup(), setup()];
    const [eager, compiled] = [compile(a.step, { eager: true }), compile(b.step)];
    for (let i = 0; i < 4; i++) {
      const [expected, actual] = [eager(x), compiled(x)];
      for (const name of ['loss', 'positive'] as const) expectClose(actual[name].dataSync(), expected[name].dataSync());
      expectClose(b.state(), a.state());
      const held = tf.memory().numTensors;
      tf.dispose([expected, actual]);
      expect(tf.memory().numTensors).toBe(held - 4);
    }
    expect(a.state()[4]).toBe(9);
    compiled.dispose();
    x.dispose();
    a.dispose();
    b.dispose();
  });

  test('takes several tensors at once, which stay as they are', () => {
    const kept = tf.variable(tf.tensor1d([1, 2]));
    const step = compile((x: tf.Tensor) => {
      const sums = throughHost([x, kept, tf.neg(x)], [[2], [2], [1]], (values) => {
        for (const each of values) each[0] += 10;
        return [values[0], values[1], values[2].subarray(0, 1)];
      });
      const [a, b, c] = sums;
      kept.assign(tf.add(kept, b));
      return { a, c, x: tf.clone(x) };
    });
    const x = tf.tensor1d([3, 4]);
    const before = tf.memory().numTensors;
    for (const [first, second] of [
      [12, 4],
      [34, 8],
    ]) {
      const { a, c, x: own } = step(x);
      expect([a, c, own].map((tensor) => [...tensor.dataSync()])).toEqual([[13, 4], [7], [3, 4]]);
      expect([...kept.dataSync()]).toEqual([first, second]);
      tf.dispose([a, c, own]);
    }
    expect(tf.memory().numTensors).toBe(before);
    step.dispose();
    tf.dispose([x, kept]);
  });

  test('takes the given arrays as results: exchanged, one twice, and in another shape', () => {
    const step = compile((x: tf.Tensor) => {
      const [double, triple] = [tf.mul(x, 2), tf.mul(x, 3)];
      const [a, b, c, d] = throughHost([double, triple, tf.neg(x)], [[2], [2], [2], [1, 2]], ([p, q, r]) => {
        p[0] = 100;
        return [q, p, q, r];
      });
      return { a, b, c, d, double, empty: throughHost([tf.zeros([0, 3])], [[0]], ([none]) => [none])[0] };
    });
    const before = tf.memory().numTensors;
    for (const x of [1, 5]) {
      const given = tf.tensor1d([x, x + 1]);
      const out = step(given);
      const read = Object.fromEntries(Object.entries(out).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
      expect(read).toEqual({
        a: [3 * x, 3 * x + 3],
        b: [100, 2 * x + 2],
        c: [3 * x, 3 * x + 3],
        d: [-x, -x - 1],
        double: [2 * x, 2 * x + 2],
        empty: [],
      });
      expect(out.d.shape).toEqual([1, 2]);
      tf.dispose([out, given]);
    }
    expect(tf.memory().numTensors).toBe(before);
    step.dispose();
  });

  test('gives back the memory it lent where the host fails', () => {
    let fails = false;
    const step = compile((x: tf.Tensor) => {
      const compute = ([values]: readonly Float32Array[]): Float32Array[] => {
        if (fails) throw new Error('a rank is gone');
        return [values];
      };
      return { y: throughHost([tf.mul(x, 2)], [[2]], compute)[0] };
    });
    const x = tf.tensor1d([1, 2]);
    for (const [i, failing] of [false, true, false].entries()) {
      fails = failing;
      if (failing) expect(() => step(x)).toThrow('a rank is gone');
      else {
        const { y } = step(x);
        expect([...y.dataSync()], `run ${i}`).toEqual([2, 4]);
        y.dispose();
      }
    }
    step.dispose();
    x.dispose();
  });

  test.runIf(tf.getBackend() === 'tensorflow')('is refused where a step must be able to fall back', () => {
    const step = compile((x: tf.Tensor) => ({ y: throughHost([x], [[1]], ([values]) => [exchange(values)])[0] }), {
      onFallback: (error) => {
        throw error;
      },
    });
    const x = tf.tensor1d([1]);
    expect(() => step(x)).toThrow(NotSupportedError);
    x.dispose();
  });
});
