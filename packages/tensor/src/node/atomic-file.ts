import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file in full or not at all: under a temporary name in the same folder, brought to the disk, then renamed.
 *
 * Whatever goes wrong (full disk, a chunk that throws, a crash), the previous file of that name stays as it was. The
 * temporary one is removed, except by a crash, which leaves a `<path>.<id>.tmp` behind.
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
    // The system names the temporary file, or of a full disk none.
    const failed = error as NodeJS.ErrnoException;
    if (failed?.code && (failed.path ?? temporary) === temporary) failed.path = path;
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Brings a rename to the disk. Windows can't open folders, and does so by itself. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
