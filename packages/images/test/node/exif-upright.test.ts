import { expect, test } from 'vitest';
import { saysUpright } from '../../src/node/exif-upright.ts';

/** The content of APP1 with one directory. @param entries tag, type, count, value */
function exif(entries: readonly (readonly [number, number, number, number])[], isLittle = true): Uint8Array {
  const tiff = new DataView(new ArrayBuffer(8 + 2 + 12 * entries.length + 4));
  tiff.setUint16(0, isLittle ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, isLittle);
  tiff.setUint32(4, 8, isLittle);
  tiff.setUint16(8, entries.length, isLittle);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + 12 * i;
    tiff.setUint16(at, tag, isLittle);
    tiff.setUint16(at + 2, type, isLittle);
    tiff.setUint32(at + 4, count, isLittle);
    tiff.setUint16(at + 8, value, isLittle);
  }
  return Uint8Array.from([...Buffer.from('Exif\0\0'), ...new Uint8Array(tiff.buffer)]);
}

const width = [0x100, 3, 1, 640] as const;
const turned = (value: number, type = 3, count = 1) => [0x112, type, count, value] as const;

test.each([true, false])('tells orientation 1 and none from all others (bytes in order II: %s)', (isLittle) => {
  expect(saysUpright(exif([], isLittle))).toBe(true);
  expect(saysUpright(exif([width], isLittle))).toBe(true);
  expect(saysUpright(exif([width, turned(1)], isLittle))).toBe(true);
  for (const value of [0, 2, 3, 4, 5, 6, 7, 8, 9, 256]) {
    expect(saysUpright(exif([width, turned(value)], isLittle)), `${value}`).toBe(false);
  }
});

test('what is not as the standard has it is not sure', () => {
  expect(saysUpright(exif([turned(1, 4)]))).toBe(false);
  expect(saysUpright(exif([turned(1, 3, 2)]))).toBe(false);
  const whole = exif([width, turned(1)]);
  for (let length = 4; length < 6 + 8 + 2 + 12 + 10; length++)
    expect(saysUpright(whole.subarray(0, length))).toBe(false);
  const unordered = whole.slice();
  unordered[6] = 0x58;
  expect(saysUpright(unordered)).toBe(false);
  const elsewhere = whole.slice();
  elsewhere[10] = 255;
  elsewhere[11] = 255;
  expect(saysUpright(elsewhere)).toBe(false);
});

test('a segment of another kind says nothing of a turn', () => {
  expect(saysUpright(Buffer.from('http://ns.adobe.com/xap/1.0/\0<x/>'))).toBe(true);
  expect(saysUpright(new Uint8Array(0))).toBe(true);
});
