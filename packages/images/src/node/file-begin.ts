import { open } from 'node:fs/promises';

/** The first bytes of a file, as many as it has up to the limit, and its size in bytes. */
export async function fileBegin(
  path: string,
  count: number,
): Promise<{ readonly bytes: Buffer; readonly size: number }> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return { bytes: buffer.subarray(0, bytesRead), size: (await file.stat()).size };
  } finally {
    await file.close();
  }
}
