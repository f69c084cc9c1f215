import { type CompileOptions, compile, mixedType } from '@ltml/tensor';
import { type Compiler, compilerKey } from '@ltml/tensor/engine';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { randomTensor } from '../../../tensor/test/support.ts';
import { registerCompiler } from '../../src/node/compile/compiler.ts';
import { mixedTypeOf } from '../../src/node/compile/mixed-type.ts';
import type { NativeBackend } from '../../src/node/compile/native-backend.ts';
import { cardMemoryShare } from '../../src/node/native/card-memory.ts';
import { processConfig, sessionConfig } from '../../src/node/native/tensorflow-config.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a session is told by a ConfigProto', () => {
  expect(sessionConfig({ sideBySide: true, mixed: undefined })).toBeUndefined();
  const inCallersThread = [5 << 3, ...Array<number>(9).fill(0xff), 1];
  expect([...sessionConfig({ sideBySide: false, mixed: undefined })!]).toEqual(inCallersThread);
  // graph_options, rewrite_options, and the rewriter's toggle, whose number takes two bytes.
  const rewriter = (field: number) => [0x52, 5, 0x52, 3, ((field << 3) & 127) | 128, (field << 3) >> 7, 1];
  expect([...sessionConfig({ sideBySide: true, mixed: 'bfloat16' })!]).toEqual(rewriter(31));
  expect([...sessionConfig({ sideBySide: false, mixed: 'float16' })!]).toEqual([...inCallersThread, ...rewriter(23)]);
});

test('the memory of a card is limited by a share of it', () => {
  // gpu_options, per_process_gpu_memory_fraction: 0.5 as a double.
  expect([...processConfig(0.5)]).toEqual([0x32, 9, 9, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f]);
  expect(cardMemoryShare()).toBeUndefined();
  vi.stubEnv('LTML_GPU_MEMORY', '0.25');
  expect(cardMemoryShare()).toBe(0.25);
  for (const bad of ['0', '1.5', '8GB']) {
    vi.stubEnv('LTML_GPU_MEMORY', bad);
    expect(cardMemoryShare).toThrow(/LTML_GPU_MEMORY.*above 0 and up to 1.*"/);
  }
});

test('mixed precision is float16 on a card, bfloat16 on a processor that has it', () => {
  expect(mixedTypeOf({ isUsingGpuDevice: true }, [])).toBe('float16');
  expect(mixedTypeOf({}, ['avx512f'])).toBeUndefined();
  expect(mixedTypeOf({}, ['avx512f', 'avx512_bf16'])).toBe('bfloat16');
  vi.stubEnv('LTML_BFLOAT16', '1');
  expect(mixedTypeOf({}, [])).toBe('bfloat16');
});

test('the precision of a step is one of two', () => {
  expect(() => compile(() => ({}), { precision: 'half' as never })).toThrow(
    /options.precision.*float32, mixed.*"half"/,
  );
});

/** A convolution, its gradients and a product of matrices. */
function step(x: tf.Tensor, filter: tf.Tensor, weights: tf.Tensor): Record<string, tf.Tensor> {
  const forward = (x: tf.Tensor, filter: tf.Tensor) =>
    tf.matMul(
      tf.reshape(tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same'), [-1, 8]),
      weights as tf.Tensor2D,
    );
  const [dx, dFilter] = tf.grads(forward)([x, filter]);
  return { y: forward(x, filter), dx, dFilter };
}

function run(options: CompileOptions): Float32Array[] {
  const inputs = [randomTensor([2, 6, 6, 4], 1), randomTensor([3, 3, 4, 8], 2), randomTensor([8, 5], 3)];
  const compiled = compile(step, options);
  try {
    const outputs = compiled(inputs[0], inputs[1], inputs[2]);
    const values = Object.values(outputs).map((tensor) => tensor.dataSync<'float32'>());
    tf.dispose(outputs);
    return values;
  } finally {
    compiled.dispose();
    tf.dispose(inputs);
  }
}

describe.runIf(tf.getBackend() === 'tensorflow')('a compiled step of mixed precision', () => {
  const backend = tf.backend() as unknown as NativeBackend;
  const compiler = Reflect.get(backend, compilerKey) as Compiler;
  afterEach(() => void Reflect.set(backend, compilerKey, compiler));
  beforeEach(() => {
    vi.stubEnv('LTML_BFLOAT16', '1');
    registerCompiler(backend);
  });

  test('computes in bfloat16: 8 bits, in other than the last digits like float32', () => {
    expect(mixedType()).toBe('bfloat16');
    const exact = run({});
    const mixed = run({ precision: 'mixed' });
    for (const [i, values] of mixed.entries()) {
      const largest = Math.max(...exact[i].map(Math.abs));
      expectClose(values, exact[i], { absolute: largest / 64 });
      // Nothing rounds to 8 bits by chance.
      const apart = values.filter((value, j) => Math.abs(value - exact[i][j]) > largest / 1e5);
      expect(apart.length).toBeGreaterThan(values.length / 4);
    }
  });

  test('is float32 unless asked for', () => {
    expect(run({ precision: 'float32' })).toEqual(run({}));
  });
});

describe.runIf(tf.getBackend() === 'wasm')('mixed precision without graphs', () => {
  test('is float32', () => {
    expect(mixedType()).toBeUndefined();
    expect(run({ precision: 'mixed' })).toEqual(run({}));
  });
});
