import { open } from 'node:fs/promises';
import { DataError } from '@ltml/tensor';
import { whyUnreadable } from '@ltml/tensor/node';
import { ClipTokenizer, type ClipTokenizerOptions } from '../text/clip-tokenizer.ts';
import { parseTokenizerFile } from '../text/tokenizer-file.ts';

/** Largest size in bytes; CLIP's `tokenizer.json` has two megabytes. */
const mostBytes = 64 * 2 ** 20;

/**
 * Reads a {@link ClipTokenizer} from a `tokenizer.json`.
 *
 * @throws DataError naming the path, if the file cannot be read, has more than 64 MiB or is not a CLIP tokenizer;
 *   OptionError
 */
export async function loadTokenizer(path: string, options: ClipTokenizerOptions = {}): Promise<ClipTokenizer> {
  return new ClipTokenizer(parseTokenizerFile(await readTokenizerFile(path), path), options);
}

/** The text of a `tokenizer.json`. @throws DataError naming the path, if it cannot be read or has more than 64 MiB */
export async function readTokenizerFile(path: string): Promise<string> {
  const refuse = (expected: string, received: string, cause?: unknown): DataError =>
    new DataError({ where: 'readTokenizerFile', argument: path, expected, received, cause });
  const unreadable = (cause: Error): never => {
    throw refuse('a file that can be read', whyUnreadable(cause), cause);
  };
  const file = await open(path, 'r').catch(unreadable);
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw refuse(`at most ${mostBytes} bytes long`, `${size}`);
    return await file.readFile('utf8').catch(unreadable);
  } finally {
    await file.close();
  }
}
