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

/** The complete engines in the cache, the newest TensorFlow first. */
export async function listNativeEngines(): Promise<NativeEngine[]> {
  const engines: NativeEngine[] = [];
  for (const file of await entries(nativeFolder())) {
    if (!file.endsWith('.json')) continue;
    const record = JSON.parse(await readFile(join(nativeFolder(), file), 'utf8')) as NativeEngine;
    const engine = { ...record, folder: join(nativeFolder(), record.folder) };
    if (existsSync(addonPath(engine))) engines.push(engine);
  }
  return engines.sort((a, b) => b.tensorflow.localeCompare(a.tensorflow, 'en', { numeric: true }));
}

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

/** Removes an engine; false if there is none of that name. */
export async function removeNativeEngine(name: string): Promise<boolean> {
  const engine = (await listNativeEngines()).find((one) => one.name === name);
  if (!engine) return false;
  await rm(join(nativeFolder(), `${name}.json`), { force: true });
  await rm(engine.folder, { recursive: true, force: true });
  return true;
}

/** Removes what interrupted runs left: folders of no engine, except those a living process is building in. */
export async function sweep(): Promise<void> {
  const kept = new Set((await listNativeEngines()).map((engine) => basename(engine.folder)));
  for (const entry of await entries(nativeFolder())) {
    const builder = /^build-(\d+)-/.exec(entry)?.[1];
    if (!builder || kept.has(entry) || isAlive(Number(builder))) continue;
    await rm(join(nativeFolder(), entry), { recursive: true, force: true });
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
