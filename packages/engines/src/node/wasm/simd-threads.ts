import { Worker } from 'node:worker_threads';
import { codes, type SimdName } from '../../kernels/wasm/simd/codes.ts';
import type { SimdPool } from '../../kernels/wasm/simd/simd-pool.ts';

/** Largest number of arguments of a call. */
const mostNumbers = 32;

/**
 * 32-bit words at the start of the shared memory: number of the current job, how many threads have done it, how many
 * failed.
 */
const [job, done, failed, headWords] = [0, 1, 2, 4];

/**
 * Program of a thread. It waits for a job, calls the function written in its slot of the shared memory, and reports
 * that it is done.
 */
const program = `
  const { workerData: { control, memory, modules, place } } = require('node:worker_threads');
  const words = new Int32Array(control);
  const [which, count] = [place / 4, place / 4 + 1];
  const numbers = new Float64Array(control, place + 8, ${mostNumbers});
  const functions = modules.map(({ code, names }) => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { engine: { memory } });
    return names.map((name) => exports[name]);
  }).flat();
  for (let seen = 0; ; ) {
    Atomics.wait(words, ${job}, seen);
    seen = Atomics.load(words, ${job});
    try {
      if (words[which] >= 0) functions[words[which]](...numbers.subarray(0, words[count]));
    } catch {
      Atomics.add(words, ${failed}, 1);
    }
    Atomics.add(words, ${done}, 1);
    Atomics.notify(words, ${done});
  }`;

/** Starts threads for LTML's SIMD modules, in addition to the engine's own. They end with the process. */
export function startSimdThreads(memory: WebAssembly.Memory, threads: number): SimdPool {
  const names = Object.keys(codes) as SimdName[];
  const modules = names.map((name) => {
    const code = Buffer.from(codes[name].shared, 'base64');
    const exports = WebAssembly.Module.exports(new WebAssembly.Module(code));
    return { code, names: exports.map(({ name }) => name) };
  });
  const functions = modules.flatMap(({ names: own }, i) => own.map((name) => `${names[i]}.${name}`));
  const numberOf = new Map(functions.map((name, i) => [name, i]));
  const placeBytes = 8 + 8 * mostNumbers;
  const others = threads - 1;
  const control = new SharedArrayBuffer(4 * headWords + others * placeBytes);
  const words = new Int32Array(control);
  const placeOf = (thread: number): number => 4 * headWords + thread * placeBytes;
  for (let thread = 0; thread < others; thread++) {
    const workerData = { control, memory, modules, place: placeOf(thread) };
    new Worker(program, { eval: true, execArgv: [], workerData }).unref();
  }
  return {
    threads,
    run(module, name, parts, own) {
      for (let thread = 0; thread < others; thread++) {
        const place = placeOf(thread);
        const numbers = parts[thread];
        words[place / 4] = numbers ? (numberOf.get(`${module}.${name}`) as number) : -1;
        if (!numbers) continue;
        words[place / 4 + 1] = numbers.length;
        new Float64Array(control, place + 8, numbers.length).set(numbers);
      }
      Atomics.store(words, done, 0);
      Atomics.add(words, job, 1);
      Atomics.notify(words, job);
      own();
      for (let seen = Atomics.load(words, done); seen < others; seen = Atomics.load(words, done)) {
        Atomics.wait(words, done, seen);
      }
      if (Atomics.exchange(words, failed, 0) > 0) throw new Error(`${module}.${name} failed in another thread`);
    },
  };
}
