import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import type { JsonLine } from './json-lines.ts';
import { badFile } from './read-text.ts';

/**
 * Reads the rows of a Parquet file (uncompressed or Snappy, as most programs write it), numbered from 1.
 *
 * @param name name of the file in errors
 * @throws DataError naming the file
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
