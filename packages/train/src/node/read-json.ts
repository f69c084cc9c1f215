import { existsSync, readFileSync } from 'node:fs';
import { DataError } from '@ltml/tensor';
import { readingError } from './save-file.ts';

/** What a JSON file holds; nothing if there is none. */
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
    // What is nested too deep to be written again is of no use.
    JSON.stringify(value);
    return value;
  } catch (cause) {
    throw brokenJson(path, (cause as Error).message, cause);
  }
}

export function brokenJson(path: string, received: string, cause?: unknown): DataError {
  return new DataError({
    where: 'openRunFolder',
    argument: path,
    expected: 'JSON as a run writes it',
    received,
    hint: 'The file was altered or cut off: put it back, or remove it to go on without what it tells.',
    cause,
  });
}
