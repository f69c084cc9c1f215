import { checkCount, checkOptionNames } from './check-options.ts';
import { DataError } from './errors.ts';

/** How much of it JSON from elsewhere may have. */
export interface JsonBounds {
  /** Lists and objects in each other; default 64. */
  readonly deepest?: number;
  /** Values in all; default 2²⁰. */
  readonly most?: number;
}

/**
 * Parses JSON of a file from elsewhere. JavaScript's parser takes a gigabyte for some megabytes of brackets, and what it
 * makes of them ends most functions that walk through it; so depth and values are counted first.
 *
 * @param argument the file, for the error
 * @throws DataError if the text is no JSON, too deep or of too many values
 */
export function parseJson(where: string, argument: string, text: string, bounds: JsonBounds = {}): unknown {
  checkOptionNames(where, bounds, ['deepest', 'most']);
  const { deepest = 64, most = 2 ** 20 } = bounds;
  checkCount(where, 'bounds.deepest', deepest);
  checkCount(where, 'bounds.most', most);
  if (isBeyond(text, deepest, most)) {
    const expected = `JSON of at most ${most} values, with at most ${deepest} lists and objects in each other`;
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
      case 0x22: // A string, up to the quote that no backslash hides.
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
