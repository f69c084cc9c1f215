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
    value: throughHost(x as tf.Tensor, [3, 2], exchange),
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

  test.runIf(tf.getBackend() === 'tensorflow')('is refused where a step must be able to fall back', () => {
    const step = compile((x: tf.Tensor) => ({ y: throughHost(x, [1], exchange) }), {
      onFallback: (error) => {
        throw error;
      },
    });
    const x = tf.tensor1d([1]);
    expect(() => step(x)).toThrow(NotSupportedError);
    x.dispose();
  });
});
