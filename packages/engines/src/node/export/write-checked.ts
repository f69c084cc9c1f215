import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '@ltml/tensor';

/**
 * Writes a file or folder under a temporary name, and renames it after a check.
 *
 * @param target must not exist
 * @param write makes the file or folder
 * @param check throws if it is wrong; then it is deleted
 * @throws DataError if the target exists
 */
export async function writeChecked(
  target: string,
  write: (temporary: string) => Promise<void> | void,
  check: (temporary: string) => Promise<void>,
): Promise<void> {
  const path = resolve(target);
  if (existsSync(path)) {
    throw new DataError({
      where: 'export',
      argument: 'target',
      expected: 'a new path',
      received: `${target}, which exists`,
    });
  }
  const folder = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
  const temporary = join(folder, basename(path));
  try {
    await write(temporary);
    await check(temporary);
    renameSync(temporary, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
