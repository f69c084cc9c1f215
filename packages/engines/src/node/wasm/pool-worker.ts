import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Path of the engine's script, which each worker runs, too. */
export const threadedScript = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';

/** What the engine's script does with its workers; the rest it does by itself. */
export interface PoolWorker {
  onmessage?: (event: { data: unknown }) => void;
  on(event: string, listener: (data: unknown) => void): unknown;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
  terminate(): unknown;
}

/** A thread that runs the engine's script, found at `script`. */
export function startPoolWorker(script: string, onError: (error: Error) => void): PoolWorker {
  const { wasmWorkerContents } = createRequire(script)('./tfjs-backend-wasm-threaded-simd.worker.js') as {
    wasmWorkerContents: string;
  };
  // The package keeps its worker's program as text for a Blob, where a line break would end a string.
  const program = `
    const { dirname } = require('node:path');
    globalThis.__filename = require('node:worker_threads').workerData;
    globalThis.__dirname = dirname(__filename);
    ${wasmWorkerContents.replaceAll('\n', '\\n')}`;
  // Flags of the process may be for its main program alone; a loader of TypeScript costs its time in every thread.
  const worker = new Worker(program, { eval: true, execArgv: [], workerData: script });
  return Object.defineProperties(worker as PoolWorker & Worker, {
    // The script throws an error of a worker where nobody can catch it.
    onerror: { get: () => onError, set: () => {} },
    // It wants the process to live as long as the thread; the thread is to end with the process.
    ref: { value: () => {} },
  });
}

/** Stands in the pool for a thread that nobody will ask for, and says that it is ready. */
export class IdleWorker implements PoolWorker {
  onmessage?: (event: { data: unknown }) => void;
  on(): void {}
  postMessage(): void {
    queueMicrotask(() => this.onmessage?.({ data: { cmd: 'loaded' } }));
  }
  ref(): void {}
  unref(): void {}
  terminate(): void {}
}
