import { tensorCopierKey, variableUpdaterKey } from '@ltml/tensor/engine';
import * as tf from '@tensorflow/tfjs-core';
import { startCpu } from '../backend.ts';
import { activate, type BackendName, engineError, rejection } from '../engines.ts';
import { registerKernels } from '../kernels/register.ts';
import { selfTest } from '../self-test.ts';
import { startWebGpu } from '../webgpu.ts';
import type { Candidate } from './candidates.ts';
import { registerCompiler } from './compile/compiler.ts';
import type { NativeBackend } from './compile/native-backend.ts';
import { valuesCopier } from './native/copy-values.ts';
import { executeDirectly } from './native/execute.ts';
import { freeHostCopies } from './native/host-copies.ts';
import { loadKernels } from './native/kernels.ts';
import { adviceOnDriver } from './native/nvidia-driver.ts';
import { findTfjsNode, loadTfjsNode } from './native/tfjs-node.ts';
import { nativeUpdater } from './native/update-variables.ts';
import { startWasmInNode } from './wasm/start.ts';
import { provideNavigatorGpu } from './webgpu.ts';

/** The result of starting and testing an engine. */
export type Verdict =
  | { readonly works: true; readonly detail: string }
  | { readonly works: false; readonly reason: string; readonly remedy: string };

/** Starts an engine in this process and tests it. Never throws, but a faulty library may crash the process. */
export async function tryCandidate(candidate: Candidate): Promise<Verdict> {
  try {
    return { works: true, detail: await startCandidate(candidate) };
  } catch (error) {
    const { reason, remedy } = rejection(candidate.name, error);
    return { works: false, reason, remedy };
  }
}

/**
 * Starts an engine in this process and tests it.
 *
 * @returns a short description of what it runs on
 * @throws NotSupportedError, or an error of its library
 */
export async function startCandidate(candidate: Candidate): Promise<string> {
  const detail = await starters[candidate.name](candidate);
  await selfTest();
  return detail;
}

const starters: Record<BackendName, (candidate: Candidate) => Promise<string>> = {
  'tensorflow-gpu': (candidate) => startTensorFlow(candidate, 'cuda'),
  tensorflow: (candidate) => startTensorFlow(candidate, 'cpu'),
  webgpu: async ({ allowSoftware = false }) => {
    await provideNavigatorGpu();
    return await startWebGpu({ allowSoftware });
  },
  wasm: startWasmInNode,
  cpu: async () => {
    await startCpu();
    return 'JavaScript, for reference only';
  },
};

interface NodeBackend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

async function startTensorFlow({ name, addon }: Candidate, device: 'cpu' | 'cuda'): Promise<string> {
  if (!addon) throw engineError(name, 'no addon', 'Run: ltml native install');
  loadTfjsNode(findTfjsNode(device), addon);
  await activate('tensorflow');
  equipNative(tf.backend() as unknown as NativeBackend, addon);
  const { binding, isUsingGpuDevice } = tf.backend() as unknown as NodeBackend;
  if (device === 'cuda' && !isUsingGpuDevice) {
    throw engineError(name, 'a TensorFlow that registered no GPU', adviceOnDriver());
  }
  return `TensorFlow ${binding.TF_Version}, ${isUsingGpuDevice ? 'GPU' : 'CPU'}`;
}

/** Backends that already have LTML's additions. */
const equipped = new WeakSet<NativeBackend>();

/** Gives a native backend LTML's additions: faster calls, compiled steps, kernels, updates of variables. */
export function equipNative(backend: NativeBackend, addon: string): void {
  if (!equipped.has(backend)) {
    Reflect.set(backend, tensorCopierKey, valuesCopier(backend));
    freeHostCopies(backend);
    executeDirectly(backend);
  }
  equipped.add(backend);
  registerCompiler(backend);
  // Native kernels come first, because `registerKernels` does not replace them.
  if (!backend.isUsingGpuDevice && loadKernels(addon)) {
    Reflect.set(backend, variableUpdaterKey, nativeUpdater(backend));
  }
  registerKernels();
}
