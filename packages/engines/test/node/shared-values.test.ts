import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { randomTensor } from '../../../tensor/test/support.ts';

// Tensors of 1 MiB and more, whose values are not kept while a step is recorded.
const shape = [520, 512];

describe.runIf(tf.getBackend() === 'tensorflow')('recording a step of large tensors', () => {
  test('gives what eager runs give, leaves variables as they were, and leaves no tensor behind', () => {
    const [eager, compiled] = [0, 1].map(() => tf.variable(randomTensor(shape, 1)));
    const x = randomTensor(shape, 2);
    const stepWith = (weight: tf.Variable) => (x: tf.Tensor) => {
      const { value, grads } = tf.variableGrads(() => tf.mean(tf.square(tf.mul(tf.tanh(x), weight))), [weight]);
      weight.assign(tf.sub(weight, tf.mul(grads[weight.name], 1e4)));
      return { value, y: tf.relu(tf.add(x, weight)), rows: tf.argMax(tf.mul(x, weight), 1) };
    };
    const before = tf.memory().numTensors;
    const step = compile(stepWith(compiled), { name: 'large' });
    const runs = [(x: tf.Tensor) => tf.tidy(() => stepWith(eager)(x)), step];
    for (let i = 0; i < 3; i++) {
      const [expected, actual] = runs.map((run) => run(x));
      expect(Array.from(actual.rows.dataSync())).toEqual(Array.from(expected.rows.dataSync()));
      expectClose(actual.y.dataSync(), expected.y.dataSync(), { relative: 1e-6, absolute: 1e-6 });
      expectClose(actual.value.dataSync(), expected.value.dataSync(), { relative: 1e-5 });
      tf.dispose([expected, actual]);
    }
    expectClose(compiled.dataSync(), eager.dataSync(), { relative: 1e-6, absolute: 1e-6 });
    expect(tf.memory().numTensors).toBe(before);
    step.dispose();
    tf.dispose([eager, compiled, x]);
  });

  test('a refused step changes nothing, and one that falls back has its own values', () => {
    const weight = tf.variable(randomTensor(shape, 1));
    const [x, values] = [randomTensor(shape, 2), weight.dataSync()];
    const step = (x: tf.Tensor) => {
      const [a, b] = [tf.add(x, 1), tf.mul(x, 2)];
      weight.assign(tf.add(a, b));
      tf.sum(a).dataSync();
      return { y: tf.sub(b, a) };
    };
    expect(() => compile(step)(x)).toThrow(/read of a tensor back/);
    expect(weight.dataSync()).toEqual(values);
    const { y } = compile(step, { onFallback: () => undefined })(x);
    expectClose(y.dataSync(), tf.sub(x, 1).dataSync(), { absolute: 1e-5 });
    expectClose(weight.dataSync(), tf.add(tf.mul(x, 3), 1).dataSync(), { absolute: 1e-5 });
  });

  test.runIf(process.platform === 'linux')('takes a fraction of the memory of an eager run', () => {
    const megabytes = (counter: string): number =>
      Number(new RegExp(`${counter}:\\s*(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1e3;
    const x = tf.zeros([4096, 1024]);
    x.dataSync();
    const step = compile((x: tf.Tensor) => {
      let y = x;
      for (let i = 0; i < 60; i++) y = tf.add(y, 1);
      return { mean: tf.mean(y) };
    });
    writeFileSync('/proc/self/clear_refs', '5');
    const before = megabytes('VmRSS');
    expect(step(x).mean.dataSync()).toEqual(Float32Array.of(60));
    // 60 tensors of 16.8 MB.
    expect(megabytes('VmHWM') - before).toBeLessThan(300);
    step.dispose();
  });
});
