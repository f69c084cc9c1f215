import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { badFile, fileReason } from './read-text.ts';

/** An object of a JSON file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Returns the place of a visited object for errors, e.g. `labels.json, element 3 of "images"`. */
export type TellPlace = () => string;

/** The function for the objects of each list, by the list's key. */
export type ElementVisitors = Readonly<Record<string, (element: JsonObject, place: TellPlace) => void>>;

/** The key of the list in a file that consists of one list. */
export const wholeFile = '';

const chunkBytes = 1 << 20;
/** Largest size in bytes of one object, and of everything around the objects: far more than published files need. */
const mostBytes = 1 << 27;

/**
 * Calls a function for each object in the lists of a JSON file of any size. It needs memory for the largest object
 * only.
 *
 * The file is an object that contains lists, or a single list. Its other contents must be valid JSON. In lists without
 * a visitor, only the brackets of objects are checked.
 *
 * @throws DataError naming file, key and element number (from 1); also if a list is missing
 */
export async function eachElement(where: string, path: string, name: string, visit: ElementVisitors): Promise<void> {
  const scanner = new ElementScanner(where, name, visit);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      scanner.scan(chunk);
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw badFile(where, name, 'a file that can be read', fileReason(error as NodeJS.ErrnoException), error);
  }
  scanner.end();
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = Buffer.from('"\\{}[]');

/** Extracts the objects of lists from a file that comes in chunks. */
export class ElementScanner {
  readonly #where: string;
  readonly #name: string;
  readonly #visit: ElementVisitors;
  /** The file with each object of a list replaced by 0, to check that the rest is valid JSON. */
  #frame = '';
  #isFirst = true;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** The key of the open list, and how many of its objects have started. */
  #key: string | null = null;
  #count = 0;
  /** Depth inside the open object of a list (0 if none is open), and its bytes from earlier chunks. */
  #elementDepth = 0;
  #earlier: Buffer[] = [];
  #earlierBytes = 0;

  constructor(where: string, name: string, visit: ElementVisitors) {
    this.#where = where;
    this.#name = name;
    this.#visit = visit;
  }

  scan(chunk: Buffer): void {
    let at = this.#isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0;
    this.#isFirst = false;
    while (at < chunk.length) at = this.#elementDepth > 0 ? this.#scanElement(chunk, at) : this.#scanFrame(chunk, at);
    const largest = Math.max(this.#earlierBytes, this.#frame.length);
    if (largest <= mostBytes) return;
    throw badFile(this.#where, this.#name, `made of objects of at most ${mostBytes} bytes`, 'a larger one');
  }

  end(): void {
    const refuse = (received: string): Error => badFile(this.#where, this.#name, 'valid JSON', received);
    if (this.#elementDepth > 0) throw refuse(`a file that ends in element ${this.#count} of "${this.#key}"`);
    if (this.#frame.trim() === '') throw badFile(this.#where, this.#name, 'a file with text in it', 'an empty one');
    let frame: unknown;
    try {
      frame = JSON.parse(this.#frame);
    } catch (cause) {
      throw refuse((cause as Error).message);
    }
    for (const key of Object.keys(this.#visit)) {
      const list = key === wholeFile ? frame : (frame as JsonObject | null)?.[key];
      if (Array.isArray(list) && list.every((element) => element === 0)) continue;
      const expected = key === wholeFile ? 'a list of objects' : `a file with a list "${key}" of objects`;
      throw badFile(this.#where, this.#name, expected, list === undefined ? 'none' : 'something else');
    }
  }

  /**
   * Scans the rest of an object, up to its end or the end of the chunk. Most bytes of a file pass through this loop.
   */
  #scanElement(chunk: Buffer, start: number): number {
    const { length } = chunk;
    const outside = this.#elementDepth;
    let depth = this.#depth;
    let inString = this.#inString;
    let at = this.#isEscaped ? start + 1 : start;
    for (; at < length; at++) {
      const byte = chunk[at];
      if (inString) {
        if (byte === quote) inString = false;
        else if (byte === backslash) at++;
      } else if (byte < openBracket) {
        if (byte === quote) inString = true;
      } else if (byte === openBracket || byte === openBrace) depth++;
      else if (byte === closeBracket || byte === closeBrace) {
        depth--;
        if (depth < outside) {
          at++;
          break;
        }
      }
    }
    // A backslash at the end of the chunk escapes the first byte of the next one.
    this.#isEscaped = at > length;
    this.#inString = inString;
    this.#depth = depth;
    const bytes = chunk.subarray(start, at);
    if (depth >= outside) {
      this.#earlier.push(Buffer.from(bytes));
      this.#earlierBytes += bytes.length;
      return length;
    }
    this.#finishElement(this.#earlier.length > 0 ? Buffer.concat([...this.#earlier, bytes]) : bytes);
    return at;
  }

  #finishElement(bytes: Buffer): void {
    this.#elementDepth = 0;
    this.#earlier = [];
    this.#earlierBytes = 0;
    this.#frame += '0';
    const visitor = this.#visit[this.#key as string];
    if (!visitor) return;
    const place: TellPlace = () => `${this.#name}, element ${this.#count}${this.#key ? ` of "${this.#key}"` : ''}`;
    if (!isUtf8(bytes)) throw badFile(this.#where, `${place()},`, 'in UTF-8', 'bytes that are not');
    let value: JsonObject;
    try {
      value = JSON.parse(bytes.toString('utf8'));
    } catch (cause) {
      throw badFile(this.#where, `${place()},`, 'valid JSON', (cause as Error).message, cause);
    }
    visitor(value, place);
  }

  /** Scans what is around the objects, up to the next object or the end of the chunk. */
  #scanFrame(chunk: Buffer, start: number): number {
    let at = this.#isEscaped ? start + 1 : start;
    this.#isEscaped = false;
    for (; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#inString) {
        if (byte === quote) this.#inString = false;
        else if (byte === backslash) at++;
      } else if (byte === quote) this.#inString = true;
      else if (byte === openBrace && this.#key !== null && this.#depth === this.#depthInList()) {
        this.#frame += chunk.toString('latin1', start, at);
        this.#count++;
        this.#elementDepth = this.#depth + 1;
        return at;
      } else if (byte === openBrace || byte === openBracket) {
        if (byte === openBracket) {
          this.#frame += chunk.toString('latin1', start, at);
          this.#openList();
          start = at;
        }
        this.#depth++;
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth--;
        if (this.#key !== null && this.#depth < this.#depthInList()) this.#key = null;
      }
    }
    this.#isEscaped = at > chunk.length;
    this.#frame += chunk.toString('latin1', start, chunk.length);
    return chunk.length;
  }

  #depthInList(): number {
    return this.#key === wholeFile ? 1 : 2;
  }

  /** Stores the key of a list at the top level of the file. */
  #openList(): void {
    const isOwn = this.#depth === 1 && this.#key === null;
    const [, key] = isOwn ? (/"([^"\\]*)"\s*:\s*$/.exec(this.#frame.slice(-1000)) ?? []) : [];
    if (this.#depth > 0 && key === undefined) return;
    this.#key = key ?? wholeFile;
    this.#count = 0;
  }
}
