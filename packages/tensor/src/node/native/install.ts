import { mkdir, rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Verdict } from '../start.ts';
import { proveCandidate, recallVerdict } from '../verdicts.ts';
import { compileAddon, findCompiler } from './compile.ts';
import { installError } from './install-error.ts';
import { nativePlatform } from './platform.ts';
import { listLibraries, resolveSource, type Source, unpackSource } from './source.ts';
import {
  addonPath,
  engineName,
  listNativeEngines,
  type NativeEngine,
  nativeFolder,
  publishEngine,
  stagingFolder,
  sweep,
} from './store.ts';
import { findTfjsNode } from './tfjs-node.ts';

export interface InstallOptions {
  /** Build for CUDA, and fetch CUDA's libraries; default false. */
  readonly gpu?: boolean;
  /** Version of TensorFlow, default 2.21.0. */
  readonly tensorflow?: string;
  /** A TensorFlow wheel, a folder of wheels, or a folder with the unpacked library, instead of a download by pip. */
  readonly from?: string;
  /** Called at each step, and while unpacking with the fraction done. */
  readonly onProgress?: (step: InstallStep, fraction: number) => void;
}

export type InstallStep = 'fetch' | 'unpack' | 'compile' | 'test';

export interface Installation {
  readonly engine: NativeEngine;
  /** It was there before, and works. */
  readonly already: boolean;
  readonly verdict: Verdict;
}

/** The TensorFlow that this version of the package is tested with. */
export const defaultTensorFlow = '2.21.0';

/** Free space wanted, in GB: the wheels and what is unpacked of them lie side by side for a while. */
const diskNeed = { cpu: 3, cuda: 12 };

/**
 * Builds the native TensorFlow engine in the cache folder: libtensorflow out of a Python wheel, and the addon of the
 * installed `@tensorflow/tfjs-node` compiled against it.
 *
 * Atomic: interrupted at any moment it leaves what was there before. A second call finds the engine and does nothing.
 *
 * @throws NotSupportedError if the system, pip, a compiler, disk space, the network or tfjs-node is missing, or if the
 * engine fails its test; DataError if a wheel is broken
 */
export async function installNative(options: InstallOptions = {}): Promise<Installation> {
  const { gpu = false, tensorflow = defaultTensorFlow, from, onProgress = () => {} } = options;
  const device = gpu ? 'cuda' : 'cpu';
  const platform = nativePlatform();
  if (gpu && !platform.hasCuda) {
    throw installError('--gpu', 'given on Linux x64 only', process.platform, 'Use "webgpu" for the graphics card');
  }
  const tfjsNode = findTfjsNode(device);
  const source = await resolveSource(from, tensorflow);
  const existing = await findWorking(engineName(source.version, device), tfjsNode.version);
  if (existing) return existing;

  const compiler = await findCompiler();
  await checkDisk(diskNeed[device]);
  await sweep();
  const folder = await stagingFolder();
  try {
    onProgress(source.kind === 'pip' ? 'fetch' : 'unpack', 0);
    const sha256 = await unpackSource(source, gpu, platform, folder, (done, all) => onProgress('unpack', done / all));
    onProgress('compile', 0);
    await compileAddon(compiler, tfjsNode.folder, folder, await listLibraries(folder), platform.linkFlags);
    await rm(join(folder, 'tensorflow', 'include'), { recursive: true });
    await rm(join(folder, 'wheels'), { recursive: true, force: true });
    onProgress('test', 0);
    const verdict = await proveBuild(folder, gpu);
    const engine: NativeEngine = {
      name: engineName(source.version, device),
      tensorflow: source.version,
      device,
      tfjsNode: tfjsNode.version,
      folder,
      source: describeSource(source),
      sha256: Object.fromEntries(Object.entries(sha256).filter(([file]) => !file.includes('/include/'))),
    };
    await publishEngine(engine);
    return { engine, already: false, verdict };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The engine of that name, if it was built from the same tfjs-node and passes its test. */
async function findWorking(name: string, tfjsNode: string): Promise<Installation | undefined> {
  const engine = (await listNativeEngines()).find((one) => one.name === name && one.tfjsNode === tfjsNode);
  if (!engine) return undefined;
  const candidate = { name: 'tensorflow', addon: addonPath(engine) } as const;
  const kept = await recallVerdict(candidate);
  const verdict = kept?.works ? kept : await proveCandidate(candidate);
  return verdict.works ? { engine, already: true, verdict: await gpuVerdict(engine, verdict) } : undefined;
}

/** A CUDA build must compute, on the CPU if need be; whether it finds a GPU is told, and may change with the driver. */
async function proveBuild(folder: string, gpu: boolean): Promise<Verdict> {
  const addon = addonPath({ folder });
  const verdict = await proveCandidate({ name: 'tensorflow', addon });
  if (!verdict.works) {
    const hint = 'Try another version: --tensorflow 2.18.0';
    throw installError('the engine', 'able to pass its self-test', verdict.reason, hint);
  }
  return gpu ? await proveCandidate({ name: 'tensorflow-gpu', addon }) : verdict;
}

async function gpuVerdict(engine: NativeEngine, verdict: Verdict): Promise<Verdict> {
  if (engine.device === 'cpu') return verdict;
  return await proveCandidate({ name: 'tensorflow-gpu', addon: addonPath(engine) });
}

async function checkDisk(needed: number): Promise<void> {
  await mkdir(nativeFolder(), { recursive: true }).catch((error) => {
    const hint = 'Set LTML_CACHE to a folder of your own';
    throw installError('the cache folder', 'writable', `${nativeFolder()} (${error.code})`, hint, error);
  });
  const { bavail, bsize } = await statfs(nativeFolder());
  const free = (bavail * bsize) / 1e9;
  if (free >= needed) return;
  const hint = 'Make room, or set LTML_CACHE to a folder on a larger disk';
  throw installError('free disk space', `at least ${needed} GB`, `${free.toFixed(1)} GB in ${nativeFolder()}`, hint);
}

function describeSource(source: Source): string {
  if (source.kind === 'pip') return 'pip';
  return source.kind === 'folder' ? source.path : source.paths.map((path) => basename(path)).join(', ');
}
