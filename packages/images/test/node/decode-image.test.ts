import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError } from '@ltml/tensor';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeImage, readHeader } from '../../src/node/index.ts';

const pixels = Uint8Array.from({ length: 5 * 7 * 3 }, (_, i) => (i * 37) % 256);
const raw = { raw: { width: 7, height: 5, channels: 3 } } as const;

test('a PNG is decoded to its own levels, from bytes and from a file', async () => {
  const bytes = await sharp(pixels, raw).png().toBuffer();
  expect(await decodeImage(bytes)).toEqual({ height: 5, width: 7, pixels });
  const folder = mkdtempSync(join(tmpdir(), 'ltml-image-'));
  const path = join(folder, 'picture.png');
  await sharp(bytes).toFile(path);
  expect((await decodeImage(path)).pixels).toEqual(pixels);
  rmSync(folder, { recursive: true });
});

test('transparency is dropped, grey is made RGB, the orientation is left as it is stored', async () => {
  const clear = await sharp({
    create: { width: 2, height: 1, channels: 4, background: { r: 9, g: 8, b: 7, alpha: 0 } },
  })
    .png()
    .toBuffer();
  expect([...(await decodeImage(clear)).pixels]).toEqual([9, 8, 7, 9, 8, 7]);
  const grey = await sharp(Uint8Array.of(5, 200), { raw: { width: 2, height: 1, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
  expect([...(await decodeImage(grey)).pixels]).toEqual([5, 5, 5, 200, 200, 200]);
  const turned = await sharp(pixels, raw).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  expect(await decodeImage(turned)).toMatchObject({ height: 5, width: 7 });
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'EXIF orientation %i is followed if asked for, and only then',
  async (orientation) => {
    const stored = await decodeImage(await sharp(pixels, raw).jpeg().toBuffer());
    const turned = await sharp(pixels, raw).withMetadata({ orientation }).jpeg().toBuffer();
    expect(await decodeImage(turned)).toEqual(stored);
    const upright = await decodeImage(turned, { mode: 'upright' });
    const isOnItsSide = orientation >= 5;
    expect([upright.height, upright.width]).toEqual(isOnItsSide ? [7, 5] : [5, 7]);
    // Where the first pixel of the file is seen: EXIF counts the corners around.
    const [bottom, right] = [
      [3, 4, 7, 8],
      [2, 3, 6, 7],
    ].map((list) => list.includes(orientation));
    const corner = (bottom ? upright.height - 1 : 0) * upright.width + (right ? upright.width - 1 : 0);
    expect([...upright.pixels].slice(3 * corner, 3 * corner + 3)).toEqual([...stored.pixels].slice(0, 3));
  },
);

test('a picture is turned counterclockwise by the degrees that are given, whatever its EXIF says (trap 13)', async () => {
  const stored = await decodeImage(await sharp(pixels, raw).png().toBuffer());
  const jpeg = await sharp(pixels, raw).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  expect(await decodeImage(jpeg, { mode: 'upright', turn: 0 })).toEqual(await decodeImage(jpeg));
  for (const turn of [90, 180, 270] as const) {
    const { data, info } = await sharp(pixels, raw)
      .rotate(360 - turn)
      .raw()
      .toBuffer({ resolveWithObject: true });
    const decoded = await decodeImage(await sharp(pixels, raw).png().toBuffer(), { turn });
    expect(decoded).toEqual({ height: info.height, width: info.width, pixels: new Uint8Array(data) });
    expect(decoded.pixels).not.toEqual(stored.pixels);
  }
  await expect(decodeImage(jpeg, { turn: 45 as 90 })).rejects.toThrow(/options\.turn should be one of 0, 90, 180, 270/);
});

test('an unknown option or orientation is refused', async () => {
  const bytes = await sharp(pixels, raw).png().toBuffer();
  await expect(decodeImage(bytes, { mode: 'turned' as 'upright' })).rejects.toThrow(/as-pil, upright/);
  await expect(decodeImage(bytes, { upright: true } as object)).rejects.toThrow(/unknown option "upright"/);
});

test('a truncated picture and what is none are refused', async () => {
  const bytes = await sharp(pixels, raw).png().toBuffer();
  const refused = expect.toSatisfy(DataError.is);
  await expect(decodeImage(bytes.subarray(0, bytes.length - 40))).rejects.toThrow(refused);
  await expect(decodeImage(new TextEncoder().encode('no picture'))).rejects.toThrow(refused);
  await expect(decodeImage('/nowhere.png')).rejects.toThrow(/nowhere/);
});

test('what is no file is told at once, and no end of it is waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-image-'));
  try {
    const pipe = join(folder, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);
    await expect(decodeImage(pipe)).rejects.toThrow(
      /pipe\.jpg should be a picture that can be read, got a device or a/,
    );
    await expect(decodeImage(folder)).rejects.toThrow(/should be a picture that can be read, got a folder$/);
    await expect(readHeader(folder)).rejects.toThrow('a folder');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
