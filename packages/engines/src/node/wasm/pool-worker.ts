import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Path of the engine's script. Each worker runs it, too. */
export const threadedScript = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.js';

/** The parts of a worker that the engine's script uses. */
export interface PoolWorker {
  onmessage?: (event: { data: unknown }) => void;
  on(event: string, listener: (data: unknown) => void): unknown;
  postMessage(message: unknown): void;
  ref(): void;
  unref(): void;
  terminate(): unknown;
}

/** Starts a thread that runs the engine's script. @param script its path */
export function startPoolWorker(script: string, onError: (error: Error) => void): PoolWorker {
  const { wasmWorkerContents } = createRequire(script)('./tfjs-backend-wasm-threaded-simd.worker.js') as {
    wasmWorkerContents: string;
  };
  // The package has its worker's program as text for a Blob, in which a line break would end a string.
  const program = `
    const { dirname } = require('node:path');
    globalThis.__filename = require('node:worker_threads').workerData;
    globalThis.__dirname = dirname(__filename);
    ${wasmWorkerContents.replaceAll('\n', '\\n')}`;
  // No Node flags: some fit only the main program, and a TypeScript loader would take time in every thread.
  const worker = new Worker(program, { eval: true, execArgv: [], workerData: script });
  return Object.defineProperties(worker as PoolWorker & Worker, {
    // The script would throw a worker's error where nobody can catch it.
    onerror: { get: () => onError, set: () => {} },
    // The script would keep the process alive as long as the thread. Instead, the thread should end with the process.
    ref: { value: () => {} },
  });
}

/** Takes the place of a thread that is not needed. It only reports that it is ready. */
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
