import { useBackend } from '@ltml/engines';
import * as tf from '@tensorflow/tfjs-core';
import { listCandidates } from '../../src/node/candidates.ts';
import type { NativeBackend } from '../../src/node/compile/native-backend.ts';
import { findTfjsNode, loadTfjsNode } from '../../src/node/native/tfjs-node.ts';
import { equipNative } from '../../src/node/start.ts';

/** The engine as TensorFlow.js has it. */
export async function startWithoutKernels(engine: string): Promise<void> {
  await import('@tensorflow/tfjs');
  if (engine === 'tensorflow') loadTfjsNode(findTfjsNode('cpu'), await addonOf());
  else if (engine === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend(engine);
}

/** The engine as `useBackend` gives it. Tests make it anew all the time, with what we add to it. */
export async function startWithKernels(engine: string): Promise<void> {
  await useBackend(engine as Parameters<typeof useBackend>[0]);
  if (engine !== 'tensorflow') return;
  const create = tf.findBackendFactory('tensorflow') as () => tf.KernelBackend;
  const addon = await addonOf();
  tf.engine().registryFactory.tensorflow.factory = () => {
    const backend = create();
    equipNative(backend as unknown as NativeBackend, addon);
    return backend;
  };
}

async function addonOf(): Promise<string> {
  const [{ addon }] = await listCandidates('tensorflow', false);
  return addon as string;
}
