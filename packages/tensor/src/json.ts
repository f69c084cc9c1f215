import { checkCount, checkOptionNames } from './check-options.ts';
import { DataError } from './errors.ts';

/** Limits for JSON from an untrusted file. */
export interface JsonBounds {
  /** Largest depth of nested lists and objects; default 64. */
  readonly deepest?: number;
  /** Largest number of values in total; default 2²⁰. */
  readonly most?: number;
}

/**
 * Parses JSON from an untrusted file. Depth and number of values are checked first. Without that, a few megabytes of
 * brackets take the parser a gigabyte, and the result overflows the stack of most functions that walk through it.
 *
 * @param argument the file, for the error
 * @throws DataError if the text is not JSON, is nested too deeply or has too many values
 */
export function parseJson(where: string, argument: string, text: string, bounds: JsonBounds = {}): unknown {
  checkOptionNames(where, bounds, ['deepest', 'most']);
  const { deepest = 64, most = 2 ** 20 } = bounds;
  checkCount(where, 'bounds.deepest', deepest);
  checkCount(where, 'bounds.most', most);
  if (isBeyond(text, deepest, most)) {
    const expected = `JSON of at most ${most} values, nested at most ${deepest} deep`;
    throw new DataError({ where, argument, expected, received: 'more' });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DataError({ where, argument, expected: 'JSON in UTF-8', received: (cause as Error).message, cause });
  }
}

function isBeyond(text: string, deepest: number, most: number): boolean {
  let depth = 0;
  let count = 1;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // A string: skip to the next quote without a backslash.
        for (i++; i < text.length && text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
        break;
      case 0x5b:
      case 0x7b:
        depth++;
        count++;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      case 0x2c:
        count++;
    }
    if (depth > deepest || count > most) return true;
  }
  return false;
}
