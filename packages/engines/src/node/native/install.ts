import { existsSync } from 'node:fs';
import { mkdir, rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Candidate } from '../candidates.ts';
import type { Verdict } from '../start.ts';
import { proveCandidate, recallVerdict } from '../verdicts.ts';
import { addonVersion, compileAddon, compileKernels, findCompiler } from './compile.ts';
import { installError } from './install-error.ts';
import { kernelsPath } from './kernels.ts';
import { type NativePlatform, nativePlatform } from './platform.ts';
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

/** A step of the installation, for its progress. */
export type InstallStep = 'fetch' | 'unpack' | 'compile' | 'test';

/** The result of an installation. */
export interface Installation {
  readonly engine: NativeEngine;
  /** It was there before, and works. */
  readonly already: boolean;
  readonly verdict: Verdict;
}

/** The TensorFlow that this version of the package is tested with. */
const defaultTensorFlow = '2.21.0';

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
export function installNative(options: InstallOptions = {}): Promise<Installation> {
  return installProven(proveCandidate, options);
}

/** {@link installNative} with the given self-test. */
export async function installProven(prove: Prove, options: InstallOptions): Promise<Installation> {
  const { gpu = false, tensorflow = defaultTensorFlow, from, onProgress = () => {} } = options;
  const device = gpu ? 'cuda' : 'cpu';
  const platform = nativePlatform();
  if (gpu && !platform.hasCuda) {
    throw installError('--gpu', 'given on Linux x64 only', process.platform, 'Use "webgpu" for the graphics card');
  }
  const tfjsNode = findTfjsNode(device);
  const source = await resolveSource(from, tensorflow);
  const name = engineName(source.version, device);
  const origin = describeSource(source);
  const existing = (await listNativeEngines()).find((engine) => engine.name === name);
  // Of a folder that does not tell its version, only the folder tells whether it is the same.
  const isCurrent = existing?.tfjsNode === tfjsNode.version && existing.addon === addonVersion();
  if (isCurrent && (source.version !== 'local' || existing.source === origin)) {
    const verdict = await proveExisting(prove, existing);
    if (verdict.works || gpu) {
      await completeKernels(existing, platform);
      return { engine: existing, already: true, verdict };
    }
  }

  const compiler = await findCompiler();
  await checkDisk(diskNeed[device]);
  await sweep();
  const folder = await stagingFolder();
  try {
    onProgress(source.kind === 'pip' ? 'fetch' : 'unpack', 0);
    const sha256 = await unpackSource(source, gpu, platform, folder, (done, all) => onProgress('unpack', done / all));
    onProgress('compile', 0);
    const libraries = await listLibraries(folder);
    await compileAddon(compiler, tfjsNode.folder, folder, libraries, platform.linkFlags);
    await compileKernels(compiler, folder, libraries, platform.linkFlags);
    await rm(join(folder, 'tensorflow', 'include'), { recursive: true });
    await rm(join(folder, 'wheels'), { recursive: true, force: true });
    onProgress('test', 0);
    const verdict = await proveBuild(prove, folder, gpu);
    const engine: NativeEngine = {
      name,
      tensorflow: source.version,
      device,
      tfjsNode: tfjsNode.version,
      addon: addonVersion(),
      folder,
      source: origin,
      sha256: Object.fromEntries(Object.entries(sha256).filter(([file]) => !file.includes('/include/'))),
    };
    await publishEngine(engine);
    return { engine, already: false, verdict };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Adds the kernels of this version of the package to an engine that was built by another. */
async function completeKernels({ folder }: NativeEngine, { linkFlags }: NativePlatform): Promise<void> {
  if (existsSync(kernelsPath(addonPath({ folder }), 'portable'))) return;
  await compileKernels(await findCompiler(), folder, await listLibraries(folder), linkFlags);
}

type Prove = (candidate: Candidate) => Promise<Verdict>;

/** A CUDA build must compute, on the CPU if need be; whether it finds a GPU is told, and may change with the driver. */
async function proveBuild(prove: Prove, folder: string, gpu: boolean): Promise<Verdict> {
  const addon = addonPath({ folder });
  const verdict = await prove({ name: 'tensorflow', addon });
  if (!verdict.works) {
    const hint = 'Another version may fit this machine better: --tensorflow 2.18.0';
    throw installError('the engine', 'able to pass its self-test', verdict.reason, hint);
  }
  return gpu ? await prove({ name: 'tensorflow-gpu', addon }) : verdict;
}

/** The kept verdict if it is good: what does not work is tried again. */
async function proveExisting(prove: Prove, engine: NativeEngine): Promise<Verdict> {
  const name = engine.device === 'cuda' ? 'tensorflow-gpu' : 'tensorflow';
  const candidate = { name, addon: addonPath(engine) } as const;
  const kept = await recallVerdict(candidate);
  return kept?.works ? kept : await prove(candidate);
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
