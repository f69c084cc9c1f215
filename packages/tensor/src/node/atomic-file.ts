import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file completely or not at all: under a temporary name in the same folder, flushed to disk, then renamed.
 *
 * If anything fails (full disk, a chunk that throws, a crash), an existing file of that name stays unchanged. The
 * temporary file is removed, except after a crash, which leaves `<path>.<id>.tmp`.
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
): Promise<void> {
  const temporary = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      for await (const chunk of chunks) await file.appendFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    // The system's error names the temporary file, or no file if the disk is full.
    const failed = error as NodeJS.ErrnoException;
    if (failed?.code && (failed.path ?? temporary) === temporary) failed.path = path;
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Flushes a rename to disk. Windows cannot open folders, and flushes by itself. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
