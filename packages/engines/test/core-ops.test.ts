import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findMismatch } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { reluGradConfig } from '@tensorflow/tfjs-core/dist/gradients/Relu_grad.js';
import { expect, test } from 'vitest';
import { anyCases, type CoreOpCase, chosenCases, coreOpNames } from './core-op-cases.ts';

const engine = tf.getBackend();
const folder = join(
  dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-core/package.json')),
  'dist',
  'ops',
);
const names = coreOpNames(readdirSync(folder));

/**
 * The engine itself never comes back from some scalars and empty tensors, and breaks its memory with some bools, with
 * axes of cumulative ops and paddings that do not fit.
 */
function isSafeOnWasm(name: string): boolean {
  if (/^(cumprod|cumsum|pad)\(.*\) of/.test(name)) return false;
  if (!name.includes(') of')) return !/^(reverse|searchSorted).* of bool/.test(name);
  return / of float32 \[[1-9,]+\]$/.test(name);
}

/** What an op gave: its tensors, or that it refused. */
type Outcome = readonly Numbers[] | 'refused';

interface Numbers {
  readonly form: string;
  readonly values: ArrayLike<number> | readonly string[];
}

/** Values, and gradients by all inputs where they are numbers. */
function outcomes(opCase: CoreOpCase): [value: Outcome, gradient: Outcome] {
  const attempt = (compute: () => tf.Tensor[]): Outcome => {
    tf.engine().startScope();
    try {
      return compute().map(readNumbers);
    } catch {
      return 'refused';
    } finally {
      tf.engine().endScope();
    }
  };
  let differentiable = false;
  const value = attempt(() => {
    const inputs = opCase.inputs();
    const results = [opCase.run(...inputs)].flat() as tf.Tensor[];
    differentiable = inputs.length > 0 && [...inputs, ...results].every(({ dtype }) => dtype === 'float32');
    return results;
  });
  if (!differentiable) return [value, 'refused'];
  const total = (...inputs: tf.Tensor[]): tf.Scalar => {
    const results = [opCase.run(...inputs)].flat() as tf.Tensor[];
    return tf.addN(results.map((result) => tf.sum<tf.Scalar>(tf.mul(result, rising(result.shape)))));
  };
  return [value, attempt(() => tf.grads(total)(opCase.inputs()))];
}

function rising(shape: readonly number[]): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, (_, i) => 1 + (i % 7)),
    [...shape],
  );
}

function readNumbers(x: tf.Tensor): Numbers {
  return { form: `${x.dtype} [${x.shape}]`, values: x.dataSync() as unknown as Numbers['values'] };
}

function agree(a: Outcome, b: Outcome): boolean {
  if (a === 'refused' || b === 'refused') return a === b;
  return a.length === b.length && a.every((one, i) => one.form === b[i].form && equal(one.values, b[i].values));
}

function equal(a: Numbers['values'], b: Numbers['values']): boolean {
  if (typeof a[0] === 'string') return `${a}` === `${b}`;
  return findMismatch(a as ArrayLike<number>, b as ArrayLike<number>, { relative: 1e-3, absolute: 1e-3 }) === null;
}

const mark = Symbol.for('@ltml/kernel');

/** Runs something on an engine as it came, without our kernels. */
function withoutOurs<T>(backend: string, run: () => T): T {
  const ours = tf.getKernelsForBackend(backend).filter((config) => mark in config);
  const gradient = tf.getGradient('Relu');
  tf.registerGradient(reluGradConfig);
  for (const config of ours) {
    tf.unregisterKernel(config.kernelName, backend);
    const original = (config as unknown as Record<symbol, tf.KernelConfig | undefined>)[mark];
    if (original) tf.registerKernel(original);
  }
  try {
    return run();
  } finally {
    tf.registerGradient(gradient);
    for (const config of ours) {
      if (tf.getKernel(config.kernelName, backend)) tf.unregisterKernel(config.kernelName, backend);
      tf.registerKernel(config);
    }
  }
}

test('the ops of TensorFlow.js are found', () => {
  expect(names.length).toBeGreaterThan(150);
});

// What WebGPU computes cannot be read synchronously, and it has no kernels of ours.
test.runIf(engine !== 'webgpu')('our kernels break no op of TensorFlow.js that the engine had right', async () => {
  const any = anyCases(names);
  await tf.setBackend('cpu');
  // Whether an op refuses as it should is held by the chosen cases: a call that the reference refuses may break an engine.
  const tried = withoutOurs('cpu', () =>
    [...any, ...chosenCases].flatMap((opCase, i) => {
      if (engine === 'wasm' && !isSafeOnWasm(opCase.name)) return [];
      const right = outcomes(opCase);
      return right[0] === 'refused' && i < any.length ? [] : [{ opCase, right }];
    }),
  );
  await tf.setBackend(engine);
  const isWrong = (outcome: Outcome, right: Outcome) => !agree(outcome, right);
  const differing = (cases: typeof tried) =>
    cases.flatMap(({ opCase, right }) => {
      const ours = outcomes(opCase);
      return isWrong(ours[0], right[0]) || isWrong(ours[1], right[1]) ? [{ opCase, right, ours }] : [];
    });
  // Twice, since a call that WebAssembly refuses may leave it in a state that spoils the next one, whoever computes that.
  const suspects = differing(differing(tried));
  // Only where ours differ it matters what the engine would have given by itself.
  const broken = withoutOurs(engine, () =>
    suspects.filter(({ opCase, right, ours }) => {
      const own = outcomes(opCase);
      return [0, 1].some((part) => isWrong(ours[part], right[part]) && agree(own[part], right[part]));
    }),
  );
  expect(broken.map(({ opCase }) => opCase.name)).toEqual([]);
  expect(tried.length).toBeGreaterThan(2000);
});
