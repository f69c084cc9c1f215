import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import type { LineSource } from '../text-lines.ts';

/**
 * Text files of a folder, UTF-8 with or without a byte order mark, with either kind of line end.
 *
 * @throws DataError, when a file is opened, if it is missing
 */
export function directoryLines(directory: string): LineSource {
  return async function* (file) {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const chunk of createReadStream(join(directory, file), { highWaterMark: 1 << 20 })) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
        rest = lines.pop() ?? '';
        yield lines;
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      throw new DataError({
        where: 'directoryLines',
        argument: 'directory',
        expected: `a folder with ${file}`,
        received: `${directory}, which has none`,
        cause: error,
      });
    }
    if (rest !== '') yield [rest];
  };
}
