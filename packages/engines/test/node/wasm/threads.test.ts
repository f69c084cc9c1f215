import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { conv2d } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { gradientsOf, randomTensor } from '../../../../tensor/test/support.ts';
import { startWasmInNode } from '../../../src/node/wasm/start.ts';
import * as module from '../../../src/node/wasm/threaded-module.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe.runIf(tf.getBackend() === 'wasm')('WebAssembly with threads', () => {
  /** Its own, with one thread. */
  let factory: () => tf.KernelBackend | Promise<tf.KernelBackend>;
  beforeAll(() => {
    factory = tf.findBackendFactory('wasm')!;
  });

  /** Starts the engine anew. */
  async function start(threads: number): Promise<string> {
    vi.stubEnv('LTML_THREADS', String(threads));
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', factory);
    return await startWasmInNode();
  }

  /** The bits of a convolution and both of its gradients, products of matrices, and a kernel of our own. */
  function compute(): string[] {
    return tf.tidy(() => {
      const [x, filter, y] = [
        randomTensor([3, 20, 19, 13], 1),
        randomTensor([3, 3, 13, 16], 2),
        randomTensor([256, 101], 3),
      ];
      const run = (x: tf.Tensor, filter: tf.Tensor) => conv2d(x, filter, { padding: 1 });
      const gradients = gradientsOf(run, [x, filter], randomTensor([3, 20, 19, 16], 4));
      const results = [run(x, filter), ...gradients, tf.matMul(y, y, false, true), tf.matMul(y, y, true), tf.sum(y, 0)];
      return results.map((z) => Buffer.from(z.dataSync().slice().buffer).toString('base64'));
    });
  }

  test('gives the same bits at every start, as many threads as there are', async () => {
    expect(await start(1)).toBe('WebAssembly with SIMD, one thread');
    const single = compute();
    for (const threads of [2, 2, 3]) {
      expect(await start(threads)).toBe(`WebAssembly with SIMD, ${threads} threads`);
      expect(compute()).toEqual(single);
    }
  });

  test('leaks no tensor, and its memory grows', async () => {
    await start(2);
    compute();
    expect(tf.memory().numTensors).toBe(0);
    const large = tf.fill([20, 1 << 20], 2);
    const last = tf.slice(tf.square(large), [19, (1 << 20) - 1]);
    expect(last.dataSync()[0]).toBe(4);
    large.dispose();
  });

  test('falls back to one thread and tells why', async () => {
    vi.spyOn(module, 'loadThreadedModule').mockRejectedValue(new Error('no thread to be had'));
    expect(await start(2)).toBe('WebAssembly with SIMD, one thread (its threads do not work: no thread to be had)');
    expect(compute()).toHaveLength(6);
  });

  test('LTML_THREADS is a whole number', async () => {
    await expect(start('many' as never)).rejects.toThrow(/LTML_THREADS.*whole number.*"many"/);
    await start(1);
  });

  test.each([1, 2])('with %i, ends with the process, and leaves its globals and listeners alone', (threads) => {
    const code = `
      import { useBackend } from '@ltml/engines';
      await useBackend('wasm');
      const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
      const listeners = ['uncaughtException', 'unhandledRejection'].map((name) => process.listenerCount(name));
      console.log(getThreadsCount(), typeof Worker, ...listeners);`;
    const { status, stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', code], {
      env: { ...process.env, LTML_THREADS: `${threads}` },
      cwd: fileURLToPath(new URL('../../..', import.meta.url)),
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${threads} undefined 0 0\n` });
  });
});
