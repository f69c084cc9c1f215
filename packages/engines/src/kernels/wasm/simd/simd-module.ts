import type { WasmBackend } from '../memory.ts';
import { codes, type SimdName } from './codes.ts';
import { type SimdPool, simdPoolKey } from './simd-pool.ts';

/** Arguments: positions in the engine's memory in bytes, and other numbers. */
type SimdFunction = (...numbers: readonly number[]) => void;

/** Least multiplications per thread. They take about 0.2 ms, ten times as long as waking a thread. */
const worthwhile = 1e6;

/** A SIMD module, instantiated once for the memory of each engine. */
export class SimdModule<Name extends string> {
  readonly #name: SimdName;
  /** Instances by the engine's memory; null if SIMD is not supported. */
  readonly #instances = new WeakMap<WebAssembly.Memory, Readonly<Record<Name, SimdFunction>> | null>();

  constructor(name: SimdName) {
    this.#name = name;
  }

  /** The functions for the memory of an engine; undefined if SIMD is not supported. */
  on(backend: WasmBackend): Readonly<Record<Name, SimdFunction>> | undefined {
    const memory = memoryOf(backend);
    if (!memory) return undefined;
    let functions = this.#instances.get(memory);
    if (functions === undefined) {
      functions = this.#instantiate(memory);
      this.#instances.set(memory, functions);
    }
    return functions ?? undefined;
  }

  /**
   * Calls a function for each part of a task, on the engine's threads if there are several and it pays.
   *
   * @param size of the whole task, which is divided at multiples of `step`
   * @param multiplications of the whole task
   * @param numbers gives the arguments for the part from `begin` to `end`
   */
  inParts(
    backend: WasmBackend,
    name: Name,
    { size, step, multiplications }: { readonly size: number; readonly step: number; readonly multiplications: number },
    numbers: (begin: number, end: number) => readonly number[],
  ): void {
    const pool = Reflect.get(backend, simdPoolKey) as SimdPool | undefined;
    const most = Math.min(pool?.threads ?? 1, Math.floor(multiplications / worthwhile), Math.ceil(size / step));
    const bounds = Array.from({ length: Math.max(most, 1) + 1 }, (_, i) =>
      Math.min(size, Math.round((size * i) / Math.max(most, 1) / step) * step),
    );
    bounds[bounds.length - 1] = size;
    const [own, ...others] = bounds.slice(1).map((end, i) => numbers(bounds[i], end));
    const call = () => this.on(backend)?.[name](...own);
    if (pool && others.length > 0) pool.run(this.#name, name, others, call);
    else call();
  }

  #instantiate(memory: WebAssembly.Memory): Readonly<Record<Name, SimdFunction>> | null {
    const isShared = typeof SharedArrayBuffer === 'function' && memory.buffer instanceof SharedArrayBuffer;
    const letters = atob(codes[this.#name][isShared ? 'shared' : 'single']);
    const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    if (!WebAssembly.validate(bytes)) return null;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { engine: { memory } });
    return exports as Readonly<Record<Name, SimdFunction>>;
  }
}

/** The engine's memory. Emscripten has it in one of two places, depending on whether threads share it. */
export function memoryOf({ wasm }: WasmBackend): WebAssembly.Memory | undefined {
  return wasm.wasmMemory ?? wasm.asm?.memory;
}
