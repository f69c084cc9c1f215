import { activate, type BackendChoice, type BackendName, chooseEngine } from './engines.ts';
import { registerKernels } from './kernels/register.ts';
import { selfTest } from './self-test.ts';
import { startWebGpu } from './webgpu.ts';

export type { BackendChoice, BackendName, Rejection } from './engines.ts';
export { registerKernels } from './kernels/register.ts';

/**
 * Activates an engine in a browser: `webgpu`, `wasm` or `cpu`. `auto` takes the first of them that works.
 *
 * `auto` takes `webgpu` only with a real graphics card. Each engine must first compute a small convolution and its
 * gradients correctly. In Node, the same import also knows the native engines.
 *
 * @returns the engine, and why those before it were rejected
 * @throws OptionError for an unknown name
 * @throws NotSupportedError with reason and remedy if the engine does not work here
 */
export function useBackend(name: BackendName | 'auto' = 'auto'): Promise<BackendChoice> {
  return chooseEngine(name, {
    webgpu: async (automatic) => {
      await startWebGpu({ allowSoftware: !automatic });
      await selfTest();
    },
    wasm: async () => {
      await startWasm();
      await selfTest();
    },
    cpu: async () => {
      await startCpu();
      await selfTest();
    },
  });
}

/** Activates WebAssembly. */
export async function startWasm(): Promise<void> {
  await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-wasm');
  registerKernels();
  await activate('wasm');
}

/** Activates TensorFlow.js's plain JavaScript engine. It is a reference, about 100 times slower than WASM. */
export async function startCpu(): Promise<void> {
  await import('@tensorflow/tfjs');
  registerKernels();
  await activate('cpu');
}
