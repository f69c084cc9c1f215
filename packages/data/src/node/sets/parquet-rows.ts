import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { JsonLine } from './json-lines.ts';
import { badFile } from './read-text.ts';

/**
 * The rows of a Parquet file (plain or Snappy, as most programs write it), with their numbers from 1.
 *
 * @param name what the file is called in errors
 * @throws DataError by file
 */
export async function parquetRows(where: string, path: string, name: string): Promise<readonly JsonLine[]> {
  try {
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    return rows.map((value, i) => ({ line: i + 1, value }));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw badFile(where, name, 'a file that can be read', 'no such file', cause);
    throw badFile(where, name, 'a Parquet file', message, cause);
  }
}
