import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataError } from '@ltml/tensor';

/**
 * Writes a file so that it is either the old one or the new one, complete, whatever happens in between: a temporary
 * name beside it, flushed to the disk, then renamed.
 *
 * @throws DataError naming the file and the system's reason (a full disk, say); the old file is untouched then and the
 * temporary one removed
 */
export async function writeFileAtomically(path: string, write: (file: FileHandle) => Promise<unknown>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw writeError(path, cause);
  }
  await syncFolder(dirname(path));
}

function writeError(path: string, cause: unknown): DataError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new DataError({
    where: 'writeFileAtomically',
    argument: path,
    expected: 'writable',
    received: full ? `a full disk (${message})` : String(message),
    hint: full ? 'What was there before is untouched: make room and resume.' : undefined,
    cause,
  });
}

/** Makes a rename last through a power cut, where the platform lets a folder be opened. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // Windows and some network file systems refuse; the rename itself is done.
  }
}
