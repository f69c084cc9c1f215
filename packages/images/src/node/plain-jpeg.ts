import { closeSync, openSync, readSync } from 'node:fs';

/** Most headers are shorter, but for those with a preview in them. */
const headBytes = 65_536;

/** Whether a file is a JPEG of grey or three components of 8 bits, of which there is no more to know before it is decoded. */
export function isPlainJpeg(source: string | Uint8Array): boolean {
  const head = typeof source === 'string' ? headOf(source) : source.subarray(0, headBytes);
  if (head[0] !== 0xff || head[1] !== 0xd8) return false;
  // Segments: ff, kind, length in two bytes, content.
  for (let at = 2; at + 9 < head.length && head[at] === 0xff; at += 2 + 256 * head[at + 2] + head[at + 3]) {
    const kind = head[at + 1];
    const isFrame = kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc;
    if (isFrame) return head[at + 4] === 8 && (head[at + 9] === 1 || head[at + 9] === 3);
  }
  return false;
}

/** Nothing of a file that can't be opened. */
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
