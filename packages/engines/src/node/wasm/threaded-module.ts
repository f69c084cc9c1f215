import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { IdleWorker, type PoolWorker, startPoolWorker, threadedScript } from './pool-worker.ts';

/**
 * Number of workers in the pool that the engine's script makes. It does not depend on how many are used, and none are
 * added later.
 */
const poolSize = 8;

/** Largest number of threads, including the calling thread, which also computes. */
export const mostThreads: number = poolSize;

/** The parts of Emscripten's module that the backend and LTML use. */
export interface ThreadedModule {
  readonly PThread: { unusedWorkers: PoolWorker[] };
  cwrap(name: string, result: string | null, parameters: readonly string[]): (...values: number[]) => number;
  tfjs?: Readonly<Record<string, (...values: number[]) => number>>;
}

type Factory = (settings: {
  locateFile: (file: string) => string;
  mainScriptUrlOrBlob: string;
}) => Promise<ThreadedModule>;

/**
 * Loads TensorFlow.js's WebAssembly with threads. The package supports threads only in browsers: it lacks a program
 * that Node's workers can run. The script gets substitutes for the parts of the process that it would change: `global`
 * and listeners.
 *
 * @param threads from 2 to {@link mostThreads}
 * @throws Error if a thread can't be started
 */
export async function loadThreadedModule(threads: number): Promise<ThreadedModule> {
  const script = createRequire(import.meta.url).resolve(threadedScript);
  const workers: PoolWorker[] = [];
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // The pool is used from its end, so the first workers can be idle.
  let made = 0;
  // The script calls it with `new`, which is impossible for an arrow function.
  function Worker(): PoolWorker {
    if (made++ <= poolSize - threads) return new IdleWorker();
    const worker = startPoolWorker(script, fail);
    workers.push(worker);
    return worker;
  }
  const timer = setTimeout(() => fail(new Error('its threads did not start within 30 seconds')), 30_000);
  try {
    const factory = readFactory(script, threads, Worker);
    const settings = { locateFile: (file: string) => join(dirname(script), file), mainScriptUrlOrBlob: script };
    const module = await Promise.race([factory(settings), failure]);
    module.PThread.unusedWorkers = module.PThread.unusedWorkers.filter((worker) => !(worker instanceof IdleWorker));
    return module;
  } catch (error) {
    for (const worker of workers) worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
    for (const worker of workers) worker.unref();
  }
}

function readFactory(script: string, threads: number, Worker: () => PoolWorker): Factory {
  const { versions, argv, hrtime, exit } = process;
  const ownProcess = { versions, argv, hrtime, exit, on: () => {} };
  const names = ['module', 'require', '__filename', '__dirname', 'process', 'global', 'Worker'];
  const run = compileFunction(readFileSync(script, 'utf8'), [...names, 'exports'], { filename: script });
  const module = { exports: {} as Factory };
  const load = createRequire(script);
  // The engine uses at most half of the cores that it finds.
  const require = (name: string) => (name === 'os' ? { cpus: () => Array(2 * threads) } : load(name));
  run(module, require, script, dirname(script), ownProcess, {}, Worker, module.exports);
  return module.exports;
}
