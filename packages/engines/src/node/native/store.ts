import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder, writeFileAtomically } from '@ltml/tensor/node';

/**
 * A native engine in the cache: libtensorflow, and tfjs-node's addon built for it.
 *
 * Its record `<name>.json` is written last, by renaming, and names the folder with the files. So a build exists if and
 * only if its record exists. Other folders are left over from interrupted installations; the next one deletes them.
 */
export interface NativeEngine {
  /** `<tensorflow>-napi<version>-<device>`, e.g. `2.21.0-napi8-cpu`. */
  readonly name: string;
  /** Version of TensorFlow; `local` if it is not known. */
  readonly tensorflow: string;
  readonly device: 'cpu' | 'cuda';
  /** Version of the tfjs-node sources of the addon. */
  readonly tfjsNode: string;
  /** Version of the other sources of the addon: a hash of LTML's C++. */
  readonly addon: string;
  /** Absolute path of this build's folder. */
  readonly folder: string;
  /** Source of libtensorflow: file name of the wheel, or a folder. */
  readonly source: string;
  /** SHA-256 of the libraries in hex, by path in the folder. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** Version of Node's stable addon interface that the addon is built for. Every Node since 18 has it. */
export const napiVersion = 8;

/** Folder of native engines in the cache. */
export function nativeFolder(): string {
  return join(cacheFolder(), 'native');
}

/** Name of an engine. */
export function engineName(tensorflow: string, device: 'cpu' | 'cuda'): string {
  return `${tensorflow}-napi${napiVersion}-${device}`;
}

/** Path of an engine's addon. */
export function addonPath(engine: Pick<NativeEngine, 'folder'>): string {
  return join(engine.folder, 'addon', 'tfjs_binding.node');
}

/** Content of the folder of native engines. */
export interface NativeStore {
  /** Complete engines, the newest TensorFlow first. */
  readonly engines: readonly NativeEngine[];
  /** Broken records by path, each with the reason: it can't be read, or the files of its engine are gone. */
  readonly broken: ReadonlyMap<string, string>;
}

/** Reads the records in the cache folder. Broken records do not affect others; the next installation deletes them. */
export async function readNativeStore(): Promise<NativeStore> {
  const engines: NativeEngine[] = [];
  const broken = new Map<string, string>();
  for (const file of await entries(nativeFolder())) {
    if (!file.endsWith('.json')) continue;
    const path = join(nativeFolder(), file);
    try {
      engines.push(checkedRecord(basename(file, '.json'), JSON.parse(await readFile(path, 'utf8'))));
    } catch (error) {
      broken.set(path, (error as Error).message);
    }
  }
  return { engines: engines.sort((a, b) => b.tensorflow.localeCompare(a.tensorflow, 'en', { numeric: true })), broken };
}

/** The complete engines in the cache, the newest TensorFlow first. */
export async function listNativeEngines(): Promise<readonly NativeEngine[]> {
  return (await readNativeStore()).engines;
}

/** Checks a record. @throws Error with the reason why it is broken */
function checkedRecord(name: string, value: unknown): NativeEngine {
  const record = (typeof value === 'object' ? value : null) as Partial<Record<keyof NativeEngine, unknown>> | null;
  const wrong = texts.find((key) => typeof record?.[key] !== 'string');
  if (!record || wrong) throw new Error(`has no "${wrong}"`);
  if (record.name !== name) throw new Error(`names another engine`);
  if (record.device !== 'cpu' && record.device !== 'cuda') throw new Error(`device "${record.device}"`);
  const hashes = record.sha256;
  const areHashes = typeof hashes === 'object' && hashes !== null && !Array.isArray(hashes);
  if (!areHashes || !Object.values(hashes).every((hash) => typeof hash === 'string')) throw new Error('has no hashes');
  // The folder becomes part of a path that is deleted later.
  if (!/^build-[\w-]+$/.test(record.folder as string)) throw new Error(`has a folder name that no installation makes`);
  const engine = { ...record, folder: join(nativeFolder(), record.folder as string) } as NativeEngine;
  if (!existsSync(addonPath(engine))) throw new Error(`its files in ${engine.folder} are gone`);
  return engine;
}

const texts = ['name', 'tensorflow', 'device', 'tfjsNode', 'addon', 'folder', 'source'] as const;

/** Makes an empty folder to build in. Its name has the process id, so that later runs know whether it is abandoned. */
export async function stagingFolder(): Promise<string> {
  const folder = join(nativeFolder(), `build-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Publishes a finished build from its staging folder. It takes effect when the record is renamed. */
export async function publishEngine(engine: NativeEngine): Promise<void> {
  const replaced = (await listNativeEngines()).find((one) => one.name === engine.name);
  const record = `${JSON.stringify({ ...engine, folder: basename(engine.folder) }, null, 2)}\n`;
  await writeFileAtomically(join(nativeFolder(), `${engine.name}.json`), [record]);
  if (replaced) await rm(replaced.folder, { recursive: true, force: true });
  await sweep();
}

/** Removes an engine, or a broken record of its name. @returns false if there is neither */
export async function removeNativeEngine(name: string): Promise<boolean> {
  const { engines, broken } = await readNativeStore();
  const engine = engines.find((one) => one.name === name);
  const record = join(nativeFolder(), `${name}.json`);
  if (!engine && !broken.has(record)) return false;
  await rm(record, { recursive: true, force: true });
  if (engine) await rm(engine.folder, { recursive: true, force: true });
  return true;
}

/**
 * Deletes broken records, and folders without an engine, which interrupted runs leave. Folders in which a living
 * process is building are kept.
 */
export async function sweep(): Promise<void> {
  const { engines, broken } = await readNativeStore();
  for (const record of broken.keys()) await rm(record, { recursive: true, force: true });
  const kept = new Set(engines.map((engine) => basename(engine.folder)));
  for (const entry of await entries(nativeFolder())) {
    const builder = /^build-(\d+)-/.exec(entry)?.[1];
    if (!builder || kept.has(entry) || isAlive(Number(builder))) continue;
    // The compiler of a killed installation may still be writing here.
    await rm(join(nativeFolder(), entry), { recursive: true, force: true, maxRetries: 10 });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function entries(folder: string): Promise<string[]> {
  return existsSync(folder) ? await readdir(folder) : [];
}
