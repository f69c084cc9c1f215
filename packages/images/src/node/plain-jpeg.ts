import { closeSync, openSync, readSync } from 'node:fs';
import type { Size } from '../box.ts';
import { saysUpright } from './exif-upright.ts';

/** Bytes to read for the header; most headers are shorter, except those with a preview. */
export const headBytes = 65_536;

/** A grey or three-component JPEG with 8 bits, which can be decoded without special treatment. */
export interface PlainJpeg extends Size {
  /** Whether it uses Huffman coding and lossy compression, as nearly all JPEGs do. */
  readonly isUsual: boolean;
  /** Whether it is progressive: all of it must be read before a part can be decoded. */
  readonly isProgressive: boolean;
  /** Whether it is certainly stored upright. */
  readonly isUpright: boolean;
}

/** Reads the first bytes of a file; undefined if it is not such a JPEG. */
export function plainJpeg(head: Uint8Array): PlainJpeg | undefined {
  if (head[0] !== 0xff || head[1] !== 0xd8) return undefined;
  let isUpright = true;
  // Segments: ff, kind, length in two bytes, content.
  for (let at = 2; at + 9 < head.length && head[at] === 0xff; at += 2 + 256 * head[at + 2] + head[at + 3]) {
    const kind = head[at + 1];
    const isFrame = kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc;
    if (isFrame) {
      if (head[at + 4] !== 8 || (head[at + 9] !== 1 && head[at + 9] !== 3)) return undefined;
      const [height, width] = [256 * head[at + 5] + head[at + 6], 256 * head[at + 7] + head[at + 8]];
      return { height, width, isUsual: kind <= 0xc2, isProgressive: kind === 0xc2, isUpright };
    }
    const end = at + 2 + 256 * head[at + 2] + head[at + 3];
    if (kind === 0xe1) isUpright &&= saysUpright(head.subarray(at + 4, end));
  }
  return undefined;
}

/** Whether a file is a {@link PlainJpeg}. */
export function isPlainJpeg(source: string | Uint8Array): boolean {
  return plainJpeg(typeof source === 'string' ? headOf(source) : source.subarray(0, headBytes)) !== undefined;
}

/** The first bytes of a file; empty if it cannot be opened. */
function headOf(path: string): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const head = new Uint8Array(headBytes);
    return head.subarray(0, readSync(file, head));
  } catch {
    return new Uint8Array(0);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
