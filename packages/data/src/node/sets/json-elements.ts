import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { badFile, fileReason } from './read-text.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What a visited object is called in errors, e.g. `labels.json, element 3 of "images"`; told when it is asked for. */
export type TellPlace = () => string;

/** What to do with the objects of lists, by the key of a list. */
export type ElementVisitors = Readonly<Record<string, (element: JsonObject, place: TellPlace) => void>>;

/** The key of the one list of a file that is a list itself. */
export const wholeFile = '';

const chunkBytes = 1 << 20;
/** Of one object, and of all that is around the objects: far more than published files have. */
const mostBytes = 1 << 27;

/**
 * Visits the objects in the lists of a JSON file of any size, one after another: memory is that of the largest object.
 *
 * A file is an object with lists, or a list itself. What else it holds is checked for its form; objects of lists that are not
 * visited, for their brackets alone.
 *
 * @throws DataError by file, and by key and number of the element, from 1; on a file without one of the lists
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

/** Cuts the objects of lists out of a file that comes in chunks. */
export class ElementScanner {
  readonly #where: string;
  readonly #name: string;
  readonly #visit: ElementVisitors;
  /** The file with each object in a list replaced by 0, to see that the rest is whole. */
  #frame = '';
  #isFirst = true;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** The list that is open, and how many of its objects have begun. */
  #key: string | null = null;
  #count = 0;
  /** How deep the object of a list is that is open, 0 if none is, and what earlier chunks hold of it. */
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
    throw badFile(this.#where, this.#name, `in parts of at most ${mostBytes} bytes`, 'a larger one');
  }

  end(): void {
    const refuse = (received: string): Error => badFile(this.#where, this.#name, 'whole JSON', received);
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

  /** The rest of an object, to its end or that of the chunk. Most bytes of a file pass through this loop. */
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
    // A backslash at the end of the chunk has taken what is to come.
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
      throw badFile(this.#where, `${place()},`, 'whole JSON', (cause as Error).message, cause);
    }
    visitor(value, place);
  }

  /** What is around the objects, to the next of them or the end of the chunk. */
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

  /** Notes the key of a list of the file's own. */
  #openList(): void {
    const isOwn = this.#depth === 1 && this.#key === null;
    const [, key] = isOwn ? (/"([^"\\]*)"\s*:\s*$/.exec(this.#frame.slice(-1000)) ?? []) : [];
    if (this.#depth > 0 && key === undefined) return;
    this.#key = key ?? wholeFile;
    this.#count = 0;
  }
}
