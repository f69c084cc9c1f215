import { createReadStream } from 'node:fs';

/** A record of a file, and where it ends, in bytes. */
export interface FileRecord {
  readonly text: string;
  readonly end: number;
}

const [quote, lineEnd] = [0x22, 0x0a];

/**
 * The complete records of a file, one at a time. Text after the last line end is left out.
 *
 * @param quotes whether records may have line ends inside quotes
 */
export async function* recordsOf(path: string, quotes: boolean): AsyncGenerator<FileRecord, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let start = 0;
  for await (const chunk of createReadStream(path)) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    let inside = false;
    for (let at = 0; at < bytes.length; at++) {
      if (quotes && bytes[at] === quote) inside = !inside;
      if (bytes[at] !== lineEnd || inside) continue;
      yield { text: bytes.toString('utf8', from, at + 1), end: start + at + 1 };
      from = at + 1;
    }
    rest = bytes.subarray(from);
    start += from;
  }
}
