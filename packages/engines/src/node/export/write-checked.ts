import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '@ltml/tensor';

/**
 * Writes a file or a folder under a temporary name, and gives it its own once what was written has been checked.
 *
 * @param target should not be there
 * @param write makes it
 * @param check throws if it is not as it should be: then nothing is left behind
 * @throws DataError if the target is there already
 */
export async function writeChecked(
  target: string,
  write: (temporary: string) => Promise<void> | void,
  check: (temporary: string) => Promise<void>,
): Promise<void> {
  const path = resolve(target);
  if (existsSync(path)) {
    throw new DataError({ where: 'export', argument: 'target', expected: 'new', received: `${target}, which exists` });
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
