import { readFile, stat } from 'node:fs/promises';
import { DataError } from '@ltml/tensor';

/** Node cannot hold longer strings. */
const mostBytes = 2 ** 29 - 24;

/**
 * Reads a whole text file: UTF-8 with or without a byte order mark; line ends become LF.
 *
 * @param name name of the file in errors
 * @throws DataError naming the file, and the line if there is one, if it cannot be read, is empty or is not UTF-8
 */
export async function readText(where: string, path: string, name: string): Promise<string> {
  const unreadable = (cause: NodeJS.ErrnoException): never => {
    throw badFile(where, name, 'a file that can be read', fileReason(cause), cause);
  };
  // Checked before reading, because a pipe or device may never end.
  const stats = await stat(path).catch(unreadable);
  if (!stats.isFile()) throw badFile(where, name, 'a file', stats.isDirectory() ? 'a folder' : 'a device or a pipe');
  if (stats.size > mostBytes) throw badFile(where, name, `of at most ${mostBytes} bytes`, `${stats.size}`);
  const bytes = await readFile(path).catch(unreadable);
  if (bytes.length === 0) throw badFile(where, name, 'a file with text in it', 'an empty one');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch (cause) {
    throw badFile(where, `${name}, line ${badLine(bytes)},`, 'in UTF-8', 'bytes that are not', cause);
  }
}

/** Why a file cannot be read. */
export function fileReason({ code = '', message }: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = { ENOENT: 'no such file', EISDIR: 'a folder', EACCES: 'permission denied' };
  return reasons[code] ?? message;
}

/** The first line that is not UTF-8, counted from 1. */
function badLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, line = 1; ; line++) {
    const end = bytes.indexOf(10, start);
    try {
      decoder.decode(bytes.subarray(start, end < 0 ? undefined : end));
    } catch {
      return line;
    }
    if (end < 0) return line;
    start = end + 1;
  }
}

/** The error about a file, or about a place in it. */
export function badFile(where: string, place: string, expected: string, received: string, cause?: unknown): DataError {
  return new DataError({ where, argument: place, expected, received, ...(cause !== undefined && { cause }) });
}
