import * as tf from '@tensorflow/tfjs-core';
import { startWasm } from '../../backend.ts';
import type { WasmBackend } from '../../kernels/wasm/memory.ts';
import { memoryOf } from '../../kernels/wasm/simd/simd-module.ts';
import { simdPoolKey } from '../../kernels/wasm/simd/simd-pool.ts';
import { threadCount } from '../thread-count.ts';
import { keepingListeners } from './keeping-listeners.ts';
import { startSimdThreads } from './simd-threads.ts';
import { loadThreadedModule, mostThreads, type ThreadedModule } from './threaded-module.ts';

/** Why the engine has one thread although more were wanted; undefined if it has them. */
let reason: string | undefined;

/**
 * Activates WebAssembly, with threads if the machine has several cores.
 *
 * @returns a short description of what it runs on
 */
export async function startWasmInNode(): Promise<string> {
  await keepingListeners(() => startWithThreads(Math.min(threadCount(), mostThreads)));
  const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) ? ' with SIMD' : '';
  const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  const threads = getThreadsCount();
  const some = threads > 1 ? `${threads} threads` : `one thread${reason ? ` (${reason})` : ''}`;
  return `WebAssembly${simd}, ${some}`;
}

async function startWithThreads(threads: number): Promise<void> {
  await import('@tensorflow/tfjs');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  const single = tf.findBackendFactory('wasm');
  // An engine that is running keeps its threads and tensors.
  if (threads < 2 || 'wasm' in tf.engine().registry || !single) return await startWasm();
  try {
    const module = await loadThreadedModule(threads);
    addFunctions(module);
    wasm.setThreadsCount(threads);
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', () => new wasm.BackendWasm(module as never));
    await startWasm();
    await testThreads();
    const backend = tf.backend() as unknown as WasmBackend;
    const memory = memoryOf(backend);
    if (memory) Reflect.set(backend, simdPoolKey, startSimdThreads(memory, threads));
    reason = undefined;
  } catch (error) {
    reason = `its threads do not work: ${error instanceof Error ? error.message : String(error)}`;
    tf.removeBackend('wasm');
    tf.registerBackend('wasm', single);
    await startWasm();
  }
}

/** Adds the functions that TensorFlow.js's own start of the engine would add. */
function addFunctions(module: ThreadedModule): void {
  const bind = (name: string, parameters: number, result: 'number' | null = null) =>
    module.cwrap(name, result, Array<string>(parameters).fill('number'));
  module.tfjs = {
    init: bind('init', 0),
    initWithThreadsCount: bind('init_with_threads_count', 1),
    getThreadsCount: bind('get_threads_count', 0, 'number'),
    registerTensor: bind('register_tensor', 3),
    disposeData: bind('dispose_data', 1),
    dispose: bind('dispose', 0),
  };
}

/** Tests the threads with a matrix multiplication of small integers, which must be exact. */
async function testThreads(): Promise<void> {
  const size = 96;
  const values = Float32Array.from({ length: size * size }, (_, i) => ((i * 7 + (i >> 5)) % 11) - 5);
  const product = tf.tidy(() => {
    const x = tf.tensor2d(values, [size, size]);
    return tf.matMul(x, x);
  });
  const got = await product.data();
  product.dispose();
  for (let i = 0; i < size * size; i++) {
    const row = i - (i % size);
    let sum = 0;
    for (let k = 0; k < size; k++) sum += values[row + k] * values[k * size + (i % size)];
    if (got[i] !== sum) throw new Error(`entry ${i} of a matrix multiplication is ${got[i]}, not ${sum}`);
  }
}
