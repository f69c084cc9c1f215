import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, exportState, Module, ModuleBuffer } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, onTestFinished, test, vi } from 'vitest';

interface Binding {
  runSavedModel(model: number, ids: number[], inputs: string, outputs: string): unknown[];
}

class Counters extends Module {
  readonly counts: ModuleBuffer[];

  constructor(length: number) {
    super();
    this.counts = Array.from({ length }, (_, i) => new ModuleBuffer(tf.fill([2], i), 'same'));
  }
}

/** A step that adds to so many variables, and a count of the session's runs. */
function adder(count: number) {
  const counters = new Counters(count);
  const variables = counters.counts.map(({ variable }) => variable);
  const step = compile((x: tf.Tensor) => {
    for (const variable of variables) variable.assign(tf.add(variable, x));
    return { sum: tf.addN(variables) };
  });
  const backend = tf.backend() as unknown as { binding: Binding };
  const { binding } = backend;
  const runs = vi.fn((...args: Parameters<Binding['runSavedModel']>) => binding.runSavedModel(...args));
  backend.binding = Object.create(binding, { runSavedModel: { value: runs } });
  onTestFinished(() => {
    backend.binding = binding;
  });
  return { counters, variables, step, runs };
}

const one = () => tf.tensor1d([1, 1]);

test.runIf(tf.getBackend() === 'tensorflow')('variables go into a session, and back, in one run each', () => {
  const { variables, step, runs } = adder(5);
  tf.dispose(step(one()));
  expect(runs).toHaveBeenCalledTimes(2);
  tf.dispose(step(one()));
  expect(runs).toHaveBeenCalledTimes(3);
  variables[1].assign(tf.fill([2], 10));
  variables[2].assign(tf.fill([2], 20));
  tf.dispose(step(one()));
  expect(runs).toHaveBeenCalledTimes(5);
  step.dispose();
  expect(runs).toHaveBeenCalledTimes(6);
  expect(variables.map((variable) => variable.dataSync()[0])).toEqual([3, 11, 21, 6, 7]);
  expect(runs).toHaveBeenCalledTimes(6);
  tf.dispose(variables);
});

test.runIf(tf.getBackend() === 'tensorflow')('a variable that nobody read is not fetched to be disposed of', () => {
  const { variables, step, runs } = adder(3);
  const x = one();
  tf.dispose(step(x));
  const [kept] = variables;
  expect(kept.dataSync()[0]).toBe(1);
  const done = runs.mock.calls.length;
  tf.dispose(variables);
  step.dispose();
  expect(runs).toHaveBeenCalledTimes(done);
  x.dispose();
});

test.runIf(tf.getBackend() === 'tensorflow')('variables are read to the host in one run', async () => {
  const { counters, variables, step, runs } = adder(4);
  const x = one();
  tf.dispose(step(x));
  const before = { runs: runs.mock.calls.length, tensors: tf.memory().numTensors };
  const state = await exportState(counters);
  expect([...state.values()].map(({ data }) => data[0])).toEqual([1, 2, 3, 4]);
  expect(runs).toHaveBeenCalledTimes(before.runs + 1);
  expect(tf.memory().numTensors).toBe(before.tensors);
  tf.dispose(step(x));
  expect(variables[3].dataSync()[0]).toBe(5);
  step.dispose();
  tf.dispose([...variables, x]);
});

test.runIf(tf.getBackend() === 'tensorflow')(
  'graphs that killed processes left are removed, recent ones are not',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'ltml-temporary-'));
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });
    const now = Date.now() / 1000;
    for (const [name, age] of Object.entries({ 'ltml-step-old': 7200, 'ltml-step-new': 60, 'other-old': 7200 })) {
      mkdirSync(join(folder, name));
      utimesSync(join(folder, name), now - age, now - age);
    }
    const { variables, step } = adder(1);
    tf.dispose([step(one()), ...variables]);
    step.dispose();
    expect(readdirSync(folder).sort()).toEqual(['ltml-step-new', 'other-old']);
  },
);
