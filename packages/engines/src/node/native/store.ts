import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder, writeFileAtomically } from '@ltml/tensor/node';

/**
 * A native engine in the cache: libtensorflow and tfjs-node's addon built against it.
 *
 * Its record, `<name>.json`, is written last and by rename, and names the folder that holds the files: a build exists
 * if and only if its record does. Other folders there are the rubbish of interrupted runs, swept by the next.
 */
export interface NativeEngine {
  /** `<tensorflow>-napi<version>-<device>`, e.g. `2.21.0-napi8-cpu`. */
  readonly name: string;
  readonly tensorflow: string;
  readonly device: 'cpu' | 'cuda';
  /** Version of the tfjs-node sources that the addon was built from. */
  readonly tfjsNode: string;
  /** What the addon has besides: a hash of our C++ in it. */
  readonly addon: string;
  /** Absolute folder of this build. */
  readonly folder: string;
  /** Where libtensorflow came from: the wheel's file name or a folder. */
  readonly source: string;
  /** sha256 of the libraries, in hexadecimal, by path inside the folder. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** The version of Node's stable addon interface that the addon is built for: every Node since 18 has it. */
export const napiVersion = 8;

export function nativeFolder(): string {
  return join(cacheFolder(), 'native');
}

export function engineName(tensorflow: string, device: 'cpu' | 'cuda'): string {
  return `${tensorflow}-napi${napiVersion}-${device}`;
}

export function addonPath(engine: Pick<NativeEngine, 'folder'>): string {
  return join(engine.folder, 'addon', 'tfjs_binding.node');
}

/** What the cache folder holds. */
export interface NativeStore {
  /** The complete engines, the newest TensorFlow first. */
  readonly engines: readonly NativeEngine[];
  /** Records that cannot be read or name no engine that is there, each with what is wrong, by path. */
  readonly broken: ReadonlyMap<string, string>;
}

/** Reads the records in the cache folder. A broken one takes nothing from the others; the next install removes it. */
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

/** @throws Error with what is wrong of a record */
function checkedRecord(name: string, value: unknown): NativeEngine {
  const record = (typeof value === 'object' ? value : null) as Partial<Record<keyof NativeEngine, unknown>> | null;
  const wrong = texts.find((key) => typeof record?.[key] !== 'string');
  if (!record || wrong) throw new Error(`no "${wrong}" in it`);
  if (record.name !== name) throw new Error(`it names another engine`);
  if (record.device !== 'cpu' && record.device !== 'cuda') throw new Error(`device "${record.device}"`);
  const hashes = record.sha256;
  const areHashes = typeof hashes === 'object' && hashes !== null && !Array.isArray(hashes);
  if (!areHashes || !Object.values(hashes).every((hash) => typeof hash === 'string'))
    throw new Error('no hashes in it');
  // It becomes part of a path that is later deleted.
  if (!/^build-[\w-]+$/.test(record.folder as string)) throw new Error(`a folder that no install makes`);
  const engine = { ...record, folder: join(nativeFolder(), record.folder as string) } as NativeEngine;
  if (!existsSync(addonPath(engine))) throw new Error(`its files in ${engine.folder} are gone`);
  return engine;
}

const texts = ['name', 'tensorflow', 'device', 'tfjsNode', 'addon', 'folder', 'source'] as const;

/** A fresh folder to build in. Its name holds our process id, so that the next run knows when it is abandoned. */
export async function stagingFolder(): Promise<string> {
  const folder = join(nativeFolder(), `build-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Makes a finished build, in its staging folder, the engine of its name. The last rename is the one moment that counts. */
export async function publishEngine(engine: NativeEngine): Promise<void> {
  const replaced = (await listNativeEngines()).find((one) => one.name === engine.name);
  const record = `${JSON.stringify({ ...engine, folder: basename(engine.folder) }, null, 2)}\n`;
  await writeFileAtomically(join(nativeFolder(), `${engine.name}.json`), [record]);
  if (replaced) await rm(replaced.folder, { recursive: true, force: true });
  await sweep();
}

/** Removes an engine, or a broken record of its name; false if there is neither. */
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
 * Removes what interrupted runs left, and broken records: folders of no engine, except those a living process is building
 * in.
 */
export async function sweep(): Promise<void> {
  const { engines, broken } = await readNativeStore();
  for (const record of broken.keys()) await rm(record, { recursive: true, force: true });
  const kept = new Set(engines.map((engine) => basename(engine.folder)));
  for (const entry of await entries(nativeFolder())) {
    const builder = /^build-(\d+)-/.exec(entry)?.[1];
    if (!builder || kept.has(entry) || isAlive(Number(builder))) continue;
    // A compiler that outlives its killed installation may still write here.
    await rm(join(nativeFolder(), entry), { recursive: true, force: true, maxRetries: 10 });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Another user's process is alive, too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function entries(folder: string): Promise<string[]> {
  return existsSync(folder) ? await readdir(folder) : [];
}
