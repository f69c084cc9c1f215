import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { compileFunction } from 'node:vm';
import { IdleWorker, type PoolWorker, startPoolWorker, threadedScript } from './pool-worker.ts';

/** The engine's script makes a pool of so many workers, however many are used, and none later. */
const poolSize = 8;

/** As many as the engine takes, with the calling thread, which computes as well. */
export const mostThreads: number = poolSize;

/** Of the engine as Emscripten gives it, what its backend class and we use. */
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
 * Loads TensorFlow.js' WebAssembly with threads, which it has for browsers alone: it lacks a program that Node's workers
 * can run. The script gets stand-ins for what it would change of the process: `global`, and its listeners.
 *
 * @param threads 2 to {@link mostThreads}
 * @throws Error if a thread can't be started
 */
export async function loadThreadedModule(threads: number): Promise<ThreadedModule> {
  const script = createRequire(import.meta.url).resolve(threadedScript);
  const workers: PoolWorker[] = [];
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // The pool is used from its end.
  let made = 0;
  // Called by `new`, which an arrow function can't be.
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
  // The engine takes at most half of the cores that it sees.
  const require = (name: string) => (name === 'os' ? { cpus: () => Array(2 * threads) } : load(name));
  run(module, require, script, dirname(script), ownProcess, {}, Worker, module.exports);
  return module.exports;
}
