import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DataError, OptionError } from '@ltml/tensor';
import { configDifference } from './config-difference.ts';
import { configHash } from './config-hash.ts';
import { readJson } from './read-json.ts';
import { isLock } from './run-lock.ts';
import { saving } from './save-file.ts';

/** Makes a folder if it does not exist. @returns the outermost folder that was made */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true });
  } catch (cause) {
    throw new DataError({
      where: 'openRunFolder',
      argument: 'path',
      expected: 'a folder, or one that can be made',
      received: `${path}: ${(cause as Error).message}`,
      cause,
    });
  }
}

/** Deletes a folder and its parents up to the outermost one that was made, as long as they are empty. */
export async function removeEmpty(path: string, outermost: string | undefined): Promise<void> {
  if (outermost === undefined) return;
  try {
    for (let at = resolve(path); at.startsWith(resolve(outermost)); at = dirname(at)) await rmdir(at);
  } catch {
    // Another process has put something there.
  }
}

/** @throws OptionError if the folder holds a run and `resume` is false, or a run of another configuration */
export async function checkFolder(path: string, config: unknown, resume: boolean): Promise<void> {
  const names = await readdir(path);
  if (!resume && names.some((name) => !isLock(name) && !isTemporary(name))) {
    throw new OptionError({
      where: 'openRunFolder',
      argument: 'path',
      expected: 'a new or empty folder',
      received: path,
      hint: 'Set `resume` to continue the run in it.',
    });
  }
  const stored = readJson(join(path, 'config.json'));
  if (stored === undefined) return;
  // As it would be read back from the file.
  const current = JSON.parse(JSON.stringify(config)) as unknown;
  if (configHash(stored) === configHash(current)) return;
  throw new OptionError({
    where: 'openRunFolder',
    argument: 'options.config',
    expected: `the configuration that the run in ${path} was started with`,
    received: `another one (${configDifference(stored, current)})`,
    hint: 'Start a new run for a new configuration.',
  });
}

/** Whether a file is a temporary one, which would be renamed when complete. */
function isTemporary(name: string): boolean {
  return /\.[0-9a-f]{8}\.tmp$/.test(name);
}

/** Deletes temporary files. Their processes are dead, since this process holds the lock. */
export async function sweep(path: string): Promise<void> {
  for (const folder of [path, join(path, 'checkpoints')]) {
    const names = existsSync(folder) ? await saving(folder, readdir(folder)) : [];
    for (const name of names.filter(isTemporary)) await saving(folder, rm(join(folder, name), { force: true }));
  }
}
