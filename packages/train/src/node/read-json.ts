import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '@ltml/tensor';
import { readingError } from './save-file.ts';

/** Content of a JSON file; undefined if it does not exist. @throws DataError if it can't be read or is not JSON */
export function readJson(path: string): unknown {
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw readingError('openRunFolder', path, cause);
  }
  try {
    const value = JSON.parse(text) as unknown;
    // Reject values that are nested too deep to be written again.
    JSON.stringify(value);
    return value;
  } catch (cause) {
    throw brokenJson(path, (cause as Error).message, cause);
  }
}

/** The error for a damaged JSON file of a run. */
export function brokenJson(path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    where: 'openRunFolder',
    argument: path,
    expected: 'JSON written by a run',
    received,
    hint: 'The file was altered or truncated. Restore it, or delete it to continue without its content.',
    cause,
  });
}
