import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LtmlError, RandomStream } from '@ltml/tensor';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BytePicture } from '../../src/index.ts';
import { decodeImage, pictureReader } from '../../src/node/index.ts';
import { readPlainJpeg } from '../../src/node/read-plain-jpeg.ts';
import { importTurboJpeg, type TurboJpeg } from '../../src/node/turbo-jpeg.ts';
import { useDecoded } from '../../src/node/use-decoded.ts';
import { type EncodeOptions, encodeJpeg, hasTurboJpeg } from './encode-jpeg.ts';
import { smooth } from './picture-files.ts';

let folder: string;
let turbo: TurboJpeg;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ltml-jpeg-'));
  turbo = (await importTurboJpeg()) as TurboJpeg;
});
afterAll(() => rm(folder, { recursive: true }));

const random = new RandomStream(21);
/** Waves with grain, so that every coefficient counts. */
function picture(height: number, width: number): BytePicture {
  const pixels = smooth(width, height, random).map((level) =>
    Math.min(Math.max(level + random.integer(80) - 40, 0), 255),
  );
  return { height, width, pixels };
}

let files = 0;
async function write(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.jpg`);
  await writeFile(path, bytes);
  return path;
}

/** What both ways make of a file; a copy, since memory is used again. */
async function bothWays(path: string, byExif: boolean) {
  const read = readPlainJpeg(turbo, path, byExif);
  const here = read && { ...read, pixels: read.pixels.slice() };
  const bySharp = await decodeImage(path, { mode: byExif ? 'upright' : 'as-pil' }).catch((error: LtmlError) => error);
  return { here, bySharp };
}

function expectEqual(one: BytePicture | undefined, other: BytePicture | LtmlError, what: string): void {
  expect(one, what).toBeDefined();
  expect([one?.height, one?.width], what).toEqual([(other as BytePicture).height, (other as BytePicture).width]);
  expect(Buffer.compare(one?.pixels as Uint8Array, (other as BytePicture).pixels), what).toBe(0);
}

const common: readonly EncodeOptions[] = [
  ...(['4:4:4', '4:2:2', '4:2:0', 'grey', '4:4:0', '4:1:1', '4:4:1'] as const).map((subsampling) => ({ subsampling })),
  ...[{ progressive: true }, { restartBlocks: 3 }, { rgb: true, subsampling: '4:4:4' as const }],
  ...[{ quality: 30 }, { quality: 100, subsampling: '4:4:4' as const }],
];

test.runIf(hasTurboJpeg)('of every kind and size the pixels are those of sharp', async () => {
  for (const options of common) {
    for (const [height, width] of [
      ...[
        [1, 1],
        [8, 8],
        [16, 17],
        [33, 31],
      ],
      ...[
        [7, 250],
        [251, 5],
        [120, 160],
      ],
    ]) {
      const path = await write(encodeJpeg(picture(height, width), options));
      const { here, bySharp } = await bothWays(path, false);
      expectEqual(here, bySharp, `${JSON.stringify(options)} ${height} × ${width}`);
    }
  }
});

test.runIf(hasTurboJpeg)('what has to be turned, and what is not common, is left to sharp', async () => {
  const raw = { raw: { width: 50, height: 30, channels: 3 } } as const;
  const { pixels } = picture(30, 50);
  for (let orientation = 1; orientation <= 8; orientation++) {
    const path = await write(await sharp(pixels, raw).withMetadata({ orientation }).jpeg().toBuffer());
    for (const byExif of [false, true]) {
      const { here, bySharp } = await bothWays(path, byExif);
      if (byExif && orientation > 1) expect(here, `orientation ${orientation}`).toBeUndefined();
      else expectEqual(here, bySharp, `orientation ${orientation}`);
    }
  }
  const profiled = await write(await sharp(pixels, raw).withIccProfile('p3').jpeg().toBuffer());
  const { here, bySharp } = await bothWays(profiled, true);
  expectEqual(here, bySharp, 'with a colour profile');
  const others = [
    encodeJpeg(picture(30, 50), { arithmetic: true }),
    encodeJpeg(picture(30, 50), { lossless: true, subsampling: '4:4:4' }),
    await sharp(pixels, raw).toColourspace('cmyk').jpeg().toBuffer(),
    await sharp(pixels, raw).png().toBuffer(),
    new Uint8Array(0),
  ];
  for (const bytes of others) expect(readPlainJpeg(turbo, await write(bytes), false)).toBeUndefined();
  for (const path of [folder, join(folder, 'none.jpg'), '/dev/zero']) {
    expect(readPlainJpeg(turbo, path, false)).toBeUndefined();
  }
});

test.runIf(hasTurboJpeg)(
  'what is cut off, and what claims another size, is left to sharp; bytes after the end are not',
  async () => {
    for (const options of [{}, { progressive: true }]) {
      const whole = encodeJpeg(picture(90, 110), options);
      for (const length of [2, 100, 700, 0.5 * whole.length, whole.length - 1]) {
        expect(readPlainJpeg(turbo, await write(whole.subarray(0, length)), false), `${length}`).toBeUndefined();
      }
      const longer = await write(Uint8Array.from([...whole, ...whole.subarray(0, 50)]));
      const { here, bySharp } = await bothWays(longer, false);
      expectEqual(here, bySharp, 'bytes after the end');
      const frame = whole.findIndex((byte, at) => byte === 0xff && (whole[at + 1] === 0xc0 || whole[at + 1] === 0xc2));
      const larger = whole.slice();
      larger[frame + 5] = 0xff;
      expect(readPlainJpeg(turbo, await write(larger), false)).toBeUndefined();
    }
  },
);

test.runIf(hasTurboJpeg)('of 200 JPEGs with a wrong byte each is read as by sharp, or left to it', async () => {
  const whole = common.map((options) => encodeJpeg(picture(23, 37), options));
  let read = 0;
  for (let i = 0; i < 200; i++) {
    const bytes = whole[i % whole.length].slice();
    // One in two lies in the header.
    bytes[2 + random.integer(i % 4 < 2 ? 600 : bytes.length - 2)] ^= 1 << random.integer(8);
    const path = await write(bytes);
    const { here, bySharp } = await bothWays(path, false);
    if (!here) continue;
    read++;
    expectEqual(here, bySharp, path);
  }
  expect(read).toBeGreaterThan(10);
  const { here, bySharp } = await bothWays(await write(whole[0]), false);
  expectEqual(here, bySharp, 'a whole one after them');
});

test('a reader gives pictures that stay as they are when the next one is read', async () => {
  const paths = [
    await write(
      await sharp({ create: { width: 9, height: 8, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer(),
    ),
    await write(
      await sharp({ create: { width: 9, height: 8, channels: 3, background: 'blue' } })
        .jpeg()
        .toBuffer(),
    ),
  ];
  for (const mode of ['as-pil', 'upright'] as const) {
    const read = pictureReader({ pipeline: [{ name: 'horizontalFlip' }], mode });
    const pictures = await Promise.all(paths.map((path) => read(path)));
    for (const [i, path] of paths.entries()) expect(pictures[i]).toEqual(await decodeImage(path, { mode }));
  }
});

test('a known turn replaces that of EXIF', async () => {
  const { pixels } = picture(20, 30);
  const image = sharp(pixels, { raw: { width: 30, height: 20, channels: 3 } }).withMetadata({ orientation: 6 });
  const path = await write(await image.jpeg().toBuffer());
  for (const turn of [0, 90, 180, 270] as const) {
    const options = { mode: 'upright', turn } as const;
    const copied = await useDecoded(path, options, (decoded) => ({ ...decoded, pixels: decoded.pixels.slice() }));
    expect(copied).toEqual(await decodeImage(path, options));
  }
});
