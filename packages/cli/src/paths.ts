import { mkdirSync, statSync } from 'node:fs';
import { UsageError } from '@ltml/recipes/usage-error';

/** The size in bytes of a file that the user names. @throws UsageError if it does not exist or is a folder */
export function sizeOfFile(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UsageError(`${path}: no such file or folder`);
  if (stats.isDirectory()) throw new UsageError(`${path}: is a folder, not a file`);
  return stats.size;
}

/**
 * Makes a folder for results if it does not exist. @throws UsageError, with the option's name, if the path is a file
 */
export function makeFolder(option: string, path: string): void {
  checkFolder(option, path);
  mkdirSync(path, { recursive: true });
}

/**
 * Checks that a folder for results exists or can be made. @throws UsageError, with the option's name, if the path is a
 * file
 */
export function checkFolder(option: string, path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isDirectory()) throw new UsageError(`${option} ${path}: is a file, not a folder`);
}
