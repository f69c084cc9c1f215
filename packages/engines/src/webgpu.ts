import { NotSupportedError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { activate, engineError } from './engines.ts';
import { registerKernels } from './kernels/register.ts';

/** The parts of a WebGPU adapter's description that tell a graphics card from software. */
interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

interface DeviceErrorEvent {
  readonly error: Error;
  preventDefault(): void;
}

interface Device {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
  addEventListener(type: 'uncapturederror', listener: (event: DeviceErrorEvent) => void): void;
}

interface Gpu {
  requestAdapter(options: object): Promise<{ readonly info: AdapterInfo } | null>;
}

/** The parts of TensorFlow.js's WebGPU backend that are needed to report device errors. */
interface WebGpuBackend {
  readonly device: Device;
  readonly tensorMap: { get(dataId: object): { readonly values?: unknown } | undefined };
  read(dataId: object): Promise<tf.backend_util.BackendValues>;
  readSync(dataId: object): tf.backend_util.BackendValues;
}

/**
 * Activates WebGPU, with `navigator.gpu`.
 *
 * A lost device and failed allocations, which WebGPU does not report by itself, make later reads fail.
 *
 * @param options.allowSoftware also accept a driver that computes on the CPU, e.g. SwiftShader: slow, but useful for
 * tests
 * @returns the description of the adapter
 * @throws NotSupportedError if there is no adapter
 */
export async function startWebGpu(options: { readonly allowSoftware: boolean }): Promise<string> {
  const { gpu } = globalThis.navigator as { gpu?: Gpu };
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    const remedy = 'Install a Vulkan driver of the graphics card and the loader (Debian: apt-get install libvulkan1)';
    throw engineError('webgpu', 'no WebGPU adapter', remedy);
  }
  const { info } = adapter;
  const name = info.description || info.device || `${info.vendor} ${info.architecture}`;
  if (!options.allowSoftware && isSoftware(info)) {
    throw engineError('webgpu', `no graphics card: ${name} computes on the CPU`, 'Use "wasm", which is faster there');
  }
  await import('@tensorflow/tfjs');
  await import('@tensorflow/tfjs-backend-webgpu').catch((error) => {
    throw engineError('webgpu', 'no package @tensorflow/tfjs-backend-webgpu', 'Install it with npm', error);
  });
  registerKernels();
  await activate('webgpu');
  watchDevice(tf.backend() as unknown as WebGpuBackend);
  return isSoftware(info) ? `${name}, on the CPU` : name;
}

function isSoftware(info: AdapterInfo): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(text);
}

function watchDevice(backend: WebGpuBackend): void {
  let failure: Error | undefined;
  const lost = backend.device.lost.then(({ reason, message }) => {
    failure = deviceError('alive', `lost (${reason}): ${message}`, 'Call useBackend again in a new process or page');
    return Promise.reject(failure);
  });
  // Reads race against this promise. Without a read, its rejection should not count as unhandled.
  lost.catch(() => {});
  backend.device.addEventListener('uncapturederror', (event) => {
    // Only the first error has the cause. Later ones follow from it, and printing all of them does not help.
    event.preventDefault();
    const message = event.error.message.split('\n', 1)[0]?.replace(/\.$/, '') ?? '';
    failure ??= deviceError('able to run the op', message, 'Smaller batches need less of its memory');
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await Promise.race([read(dataId), lost]);
    if (failure) throw failure;
    return values;
  };
  if (typeof OffscreenCanvas !== 'undefined') return;
  const readSync = backend.readSync.bind(backend);
  backend.readSync = (dataId) => {
    // Small inputs are still on the host; kernels compute with them there.
    if (backend.tensorMap.get(dataId)?.values) return readSync(dataId);
    throw deviceError('read asynchronously in Node', 'a synchronous read', 'Use `await tensor.data()`');
  };
}

function deviceError(expected: string, received: string, hint: string): NotSupportedError {
  return new NotSupportedError({ where: 'webgpu', argument: 'the device', expected, received, hint });
}
