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

/** Options of {@link installNative}. */
export interface InstallOptions {
  /** Build for CUDA, and download the CUDA libraries; default false. */
  readonly gpu?: boolean;
  /** Version of TensorFlow; default 2.21.0. */
  readonly tensorflow?: string;
  /** A TensorFlow wheel, a folder of wheels, or a folder with the unpacked library; default: pip downloads a wheel. */
  readonly from?: string;
  /** Called at the start of each step, and during unpacking with the fraction done. */
  readonly onProgress?: (step: InstallStep, fraction: number) => void;
}

/** A step of an installation. */
export type InstallStep = 'fetch' | 'unpack' | 'compile' | 'test';

/** Result of {@link installNative}. */
export interface Installation {
  readonly engine: NativeEngine;
  /** Whether it was installed before, and works. */
  readonly already: boolean;
  /** Result of its self-test. For CUDA: whether it finds a graphics card. */
  readonly verdict: Verdict;
}

/** The version of TensorFlow that this version of the package is tested with. */
const defaultTensorFlow = '2.21.0';

/** Free disk space needed, in GB. The wheels and their unpacked content exist side by side for a while. */
const diskNeed = { cpu: 3, cuda: 12 };

/**
 * Builds the native TensorFlow engine in the cache folder: libtensorflow from a Python wheel, and the addon of the
 * installed `@tensorflow/tfjs-node`, compiled for it.
 *
 * All or nothing: if it is interrupted, the previous state stays. If the engine is installed already, a second call
 * does nothing.
 *
 * @throws NotSupportedError if the system is not supported, if pip, a compiler, disk space, the network or tfjs-node is
 * missing, or if the engine fails its test
 * @throws DataError if a wheel is damaged
 */
export function installNative(options: InstallOptions = {}): Promise<Installation> {
  return installProven(proveCandidate, options);
}

/** {@link installNative} with a given self-test. */
export async function installProven(prove: Prove, options: InstallOptions): Promise<Installation> {
  const { gpu = false, tensorflow = defaultTensorFlow, from, onProgress = () => {} } = options;
  const device = gpu ? 'cuda' : 'cpu';
  const platform = nativePlatform();
  if (gpu && !platform.hasCuda) {
    throw installError('--gpu', 'given only on Linux x64', process.platform, 'Use "webgpu" for the graphics card');
  }
  const tfjsNode = findTfjsNode(device);
  const source = await resolveSource(from, tensorflow);
  const name = engineName(source.version, device);
  const origin = describeSource(source);
  const existing = (await listNativeEngines()).find((engine) => engine.name === name);
  // If a folder does not give its version, compare the folders themselves.
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

/** Adds the kernels of this package version to an engine that another version built. */
async function completeKernels({ folder }: NativeEngine, { linkFlags }: NativePlatform): Promise<void> {
  if (existsSync(kernelsPath(addonPath({ folder }), 'portable'))) return;
  await compileKernels(await findCompiler(), folder, await listLibraries(folder), linkFlags);
}

type Prove = (candidate: Candidate) => Promise<Verdict>;

/**
 * Tests a build. A CUDA build must at least work on the CPU. Whether it finds a GPU is only reported, since that may
 * change with the driver.
 */
async function proveBuild(prove: Prove, folder: string, gpu: boolean): Promise<Verdict> {
  const addon = addonPath({ folder });
  const verdict = await prove({ name: 'tensorflow', addon });
  if (!verdict.works) {
    const hint = 'Try another version, e.g. --tensorflow 2.18.0';
    throw installError('the engine', 'able to pass its self-test', verdict.reason, hint);
  }
  return gpu ? await prove({ name: 'tensorflow-gpu', addon }) : verdict;
}

/** The stored verdict if it is good; otherwise the engine is tested again. */
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
  const hint = 'Free some space, or set LTML_CACHE to a folder on a larger disk';
  throw installError('free disk space', `at least ${needed} GB`, `${free.toFixed(1)} GB in ${nativeFolder()}`, hint);
}

function describeSource(source: Source): string {
  if (source.kind === 'pip') return 'pip';
  return source.kind === 'folder' ? source.path : source.paths.map((path) => basename(path)).join(', ');
}
