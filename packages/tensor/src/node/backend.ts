import * as tf from '@tensorflow/tfjs-core';

export type BackendName = 'tensorflow-gpu' | 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** Makes an engine the active one. */
export async function useBackend(name: BackendName | 'auto' = 'auto'): Promise<BackendName> {
  await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-wasm');
  const chosen = name === 'auto' ? 'wasm' : name;
  await tf.setBackend(chosen);
  await tf.ready();
  return chosen;
}
