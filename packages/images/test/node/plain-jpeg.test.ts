import sharp from 'sharp';
import { expect, test } from 'vitest';
import { isPlainJpeg } from '../../src/node/plain-jpeg.ts';

const picture = sharp(new Uint8Array(9 * 7 * 3).fill(90), { raw: { width: 9, height: 7, channels: 3 } });

test('tells JPEGs of one and three components from all else', async () => {
  expect(isPlainJpeg(await picture.clone().jpeg().toBuffer())).toBe(true);
  expect(isPlainJpeg(await picture.clone().jpeg({ progressive: true }).toBuffer())).toBe(true);
  expect(isPlainJpeg(await picture.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer())).toBe(true);
  expect(isPlainJpeg(await picture.clone().greyscale().jpeg().toBuffer())).toBe(true);
  expect(isPlainJpeg(await picture.clone().toColourspace('cmyk').jpeg().toBuffer())).toBe(false);
  expect(isPlainJpeg(await picture.clone().png().toBuffer())).toBe(false);
});

test('what is cut off, empty or missing is not told', async () => {
  const jpeg = await picture.clone().jpeg().toBuffer();
  for (const length of [0, 1, 2, 3, 10, 20]) expect(isPlainJpeg(jpeg.subarray(0, length))).toBe(false);
  expect(isPlainJpeg('/nowhere.jpg')).toBe(false);
});
