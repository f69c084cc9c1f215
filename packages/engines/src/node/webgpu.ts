import { engineError } from '../engines.ts';

/** Gives Node the browser's `navigator.gpu`, with Dawn (the optional package `webgpu`). */
export async function provideNavigatorGpu(): Promise<void> {
  if (globalThis.navigator && 'gpu' in globalThis.navigator) return;
  const dawn = await import('webgpu').catch((error) => {
    const remedy = 'Run: npm install --ignore-scripts webgpu @tensorflow/tfjs-backend-webgpu';
    throw engineError('webgpu', 'no working package webgpu (Dawn for Node)', remedy, error);
  });
  Object.assign(globalThis, dawn.globals);
  // Node 20 has no navigator. Later versions have a read-only one without gpu.
  if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(globalThis.navigator, 'gpu', { value: dawn.create([]), configurable: true });
}
