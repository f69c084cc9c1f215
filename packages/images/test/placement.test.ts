import { RandomStream } from '@ltml/tensor';
import { expect, test } from 'vitest';
import { clipPipeline, type Picture, type Pipeline, resolvePipeline } from '../src/index.ts';
import { resolvePlaced } from '../src/pipeline/pipeline.ts';
import { cutAndResize, neededPart } from '../src/placement.ts';

const random = new RandomStream(3);
const picture = { height: 45, width: 70, pixels: Uint8Array.from({ length: 45 * 70 * 3 }, () => random.integer(256)) };

test('a pipeline that begins with a cut or a resize does the same in two parts', () => {
  const own: Pipeline = [
    { name: 'resize', shorterSide: 20, filter: 'bicubic' },
    { name: 'centerCrop', size: 15 },
    { name: 'horizontalFlip' },
  ];
  const square: Pipeline = [{ name: 'resize', height: 32, width: 32, filter: 'bilinear' }];
  const drawn: Pipeline = [
    { name: 'randomResizedCrop', size: 32, scale: [0.08, 1], ratio: [3 / 4, 4 / 3], filter: 'bicubic' },
    { name: 'horizontalFlip' },
    { name: 'timmRandAugment', count: 2, magnitude: 9, deviation: 0.5, probability: 0.5 },
  ];
  for (const pipeline of [own, square, drawn, clipPipeline(32)]) {
    for (const seed of [undefined, 1, 2]) {
      const stream = (): RandomStream | undefined => (seed === undefined ? undefined : new RandomStream(seed));
      const placed = resolvePlaced(pipeline);
      const [whole, inParts] = [stream(), stream()];
      const parts = placed?.rest(cutAndResize(picture, placed.place(picture, inParts)), inParts);
      const expected = resolvePipeline(pipeline)(picture, whole);
      expect([parts?.height, parts?.width]).toEqual([expected.height, expected.width]);
      expect(Buffer.compare(bytesOf(parts), bytesOf(expected))).toBe(0);
      expect(inParts?.state).toEqual(whole?.state);
    }
  }
});

test('one that begins with anything else is not divided', () => {
  for (const first of [
    { name: 'horizontalFlip' },
    { name: 'toFloat' },
    { name: 'resize', height: 4, width: 4, like: 'opencv' },
  ] as const) {
    expect(resolvePlaced([first, { name: 'resize', height: 4, width: 4 }])).toBeUndefined();
  }
  expect(resolvePlaced([])).toBeUndefined();
});

test('what lies outside of the needed part changes nothing', () => {
  for (let i = 0; i < 200; i++) {
    const [height, width] = [1 + random.integer(90), 1 + random.integer(90)];
    const [top, left] = [random.integer(height), random.integer(width)];
    const place = {
      box: { left: random.integer(60), top: random.integer(40), right: 61 + random.integer(9), bottom: 41 },
      resize: { height, width, filter: (['bilinear', 'bicubic'] as const)[i % 2] },
      keep: {
        ...{ left, right: left + 1 + random.integer(width - left) },
        ...{ top, bottom: top + 1 + random.integer(height - top) },
      },
    };
    const part = neededPart(place);
    const isNeeded = (x: number, y: number): boolean =>
      x >= part.left && x < part.right && y >= part.top && y < part.bottom;
    const pixels = picture.pixels.map((level, at) => {
      const place = Math.floor(at / 3);
      return isNeeded(place % picture.width, Math.floor(place / picture.width)) ? level : 255 - level;
    });
    const changed = cutAndResize({ ...picture, pixels }, place);
    expect(Buffer.compare(bytesOf(changed), bytesOf(cutAndResize(picture, place))), JSON.stringify(place)).toBe(0);
  }
});

function bytesOf(picture: Picture | undefined): Uint8Array {
  const { buffer, byteOffset = 0, byteLength = 0 } = picture?.pixels ?? {};
  return new Uint8Array(buffer ?? new ArrayBuffer(0), byteOffset, byteLength);
}
