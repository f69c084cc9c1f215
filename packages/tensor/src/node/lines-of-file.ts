import { createReadStream } from 'node:fs';
import { DataError } from '../errors.ts';
import { whyUnreadable } from './why-unreadable.ts';

/** Longest allowed line, in characters. A file of another kind may have gigabytes without a line end. */
const longestLine = 1 << 20;

/**
 * The lines of a text file, in UTF-8 with or without a byte order mark, with either kind of line end.
 *
 * Lines come without their ends, in batches, so that a file of any size needs the memory of one batch.
 *
 * @throws DataError naming the file, and the line if there is one, if the file cannot be read or a line has more than
 *   1,048,576 characters
 */
export async function* linesOfFile(path: string): AsyncGenerator<readonly string[], void, undefined> {
  const decoder = new TextDecoder();
  let done = 0;
  let rest = '';
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 })) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
      const long = lines.findIndex((line) => line.length > longestLine);
      if (long >= 0) throw lineTooLong(path, done + long);
      rest = lines.pop() ?? '';
      done += lines.length;
      yield lines;
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new DataError({
      where: 'linesOfFile',
      argument: path,
      expected: 'a file that can be read',
      received: whyUnreadable(error),
      cause: error,
    });
  }
  rest += decoder.decode();
  if (rest !== '') yield [rest];
}

function lineTooLong(path: string, index: number): DataError {
  return new DataError({
    where: 'linesOfFile',
    argument: `${path}, line ${index + 1},`,
    expected: `at most ${longestLine} characters long, as lines of text are`,
    received: 'more',
  });
}
