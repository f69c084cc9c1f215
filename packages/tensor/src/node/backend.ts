import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { cacheFolder } from './cache-folder.ts';
import { registerCompiler } from './compile/compiler.ts';
import type { NativeBackend } from './compile/native-backend.ts';

export type BackendName = 'tensorflow-gpu' | 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** Makes an engine the active one. */
export async function useBackend(name: BackendName | 'auto' = 'auto'): Promise<BackendName> {
  await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-wasm');
  const chosen = name === 'auto' ? 'wasm' : name;
  if (chosen === 'tensorflow') await loadNative();
  await tf.setBackend(chosen);
  await tf.ready();
  return chosen;
}

async function loadNative(): Promise<void> {
  // tfjs-node calls it; Node 23 removed it.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value === null || value === undefined });
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const require = createRequire(import.meta.url);
  const main = require.resolve('@tensorflow/tfjs-node');
  const finder = createRequire(main)('@mapbox/node-pre-gyp/lib/pre-binding.js') as { find: (json: string) => string };
  const original = finder.find;
  const addon = join(cacheFolder(), 'native', '2.21.0-napi8-cpu', 'lib', 'tfjs_binding.node');
  finder.find = (json) => (existsSync(addon) ? addon : original(json));
  require(main);
  registerCompiler(tf.findBackend('tensorflow') as unknown as NativeBackend);
}
