import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LtmlError, RandomStream } from '@ltml/tensor';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Box } from '../../src/box.ts';
import { type BytePicture, type Pipeline, resolvePipeline } from '../../src/index.ts';
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

/** Heights and widths. */
const sizes = [
  [1, 1],
  [8, 8],
  [16, 17],
  [33, 31],
  [7, 250],
  [251, 5],
  [120, 160],
] as const;

test.runIf(hasTurboJpeg)('of every kind and size the pixels are those of sharp', async () => {
  for (const options of common) {
    for (const [height, width] of sizes) {
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

function part({ pixels, width }: BytePicture, { left, top, right, bottom }: Box): Uint8Array {
  const rows = Array.from({ length: bottom - top }, (_, y) =>
    pixels.subarray(((top + y) * width + left) * 3, ((top + y) * width + right) * 3),
  );
  return Buffer.concat(rows);
}

test.runIf(hasTurboJpeg)('a part of every kind has the pixels of the whole picture, whatever was there before', () => {
  for (const options of common) {
    for (const [height, width] of sizes) {
      const jpeg = encodeJpeg(picture(height, width), options);
      const whole = { height, width, pixels: new Uint8Array(height * width * 3) };
      expect(turbo.decode(jpeg, whole, whole.pixels)).toBe(true);
      for (let i = 0; i < 12; i++) {
        const [left, top] = [random.integer(width), random.integer(height)];
        const right = left + 1 + random.integer(width - left);
        const box = { left, top, right, bottom: top + 1 + random.integer(height - top) };
        const pixels = new Uint8Array(height * width * 3 + 5).fill(random.integer(256));
        const what = `${JSON.stringify(options)} ${height} × ${width} ${JSON.stringify(box)}`;
        expect(turbo.decode(jpeg, whole, pixels, box), what).toBe(true);
        expect(Buffer.compare(part({ ...whole, pixels }, box), part(whole, box)), what).toBe(0);
      }
    }
  }
});

const cuts: readonly Pipeline[] = [
  [{ name: 'randomResizedCrop', size: 24 }, { name: 'horizontalFlip' }],
  [{ name: 'randomResizedCrop', size: 200, filter: 'bicubic' }],
  ...([20, 150] as const).flatMap((shorterSide) =>
    (['bilinear', 'bicubic'] as const).map(
      (filter): Pipeline => [
        { name: 'resize', shorterSide, filter },
        { name: 'centerCrop', size: 17 },
      ],
    ),
  ),
];

test.runIf(hasTurboJpeg)('a crop is that of the whole picture, damaged or not', async () => {
  const whole = common.map((options) => encodeJpeg(picture(90, 130), options));
  for (let seed = 0; seed < 80; seed++) {
    const bytes = whole[seed % whole.length].slice();
    if (seed % 3 > 0) bytes[2 + random.integer(bytes.length - 2)] ^= 1 << random.integer(8);
    const path = await write(seed % 10 === 9 ? bytes.subarray(0, random.integer(bytes.length)) : bytes);
    for (const mode of ['as-pil', 'upright'] as const) {
      const decoded = await decodeImage(path, { mode }).catch((error: LtmlError) => error);
      for (const pipeline of cuts) {
        const stream = (): RandomStream => new RandomStream(seed);
        const what = `${path} ${mode} ${JSON.stringify(pipeline)}`;
        const read = pictureReader({ pipeline, mode })(path, stream());
        const made = (await read.catch((error: LtmlError) => error)) as BytePicture | LtmlError;
        if ('pixels' in decoded) {
          expectEqual(made as BytePicture, resolvePipeline(pipeline)(decoded, stream()) as BytePicture, what);
        } else expect((made as LtmlError).message, what).toBe(decoded.message);
      }
    }
  }
});

test.runIf(hasTurboJpeg)('of a part, no more than the rows down to its end is decoded', async () => {
  const whole = encodeJpeg(picture(400, 60));
  const damaged = whole.slice();
  damaged.fill(0xff, 0.9 * whole.length, whole.length - 2);
  const [path, size] = [await write(damaged), { height: 400, width: 60 }];
  const upper = { left: 0, top: 0, right: 60, bottom: 200 };
  expect(readPlainJpeg(turbo, path, false, () => upper)).toMatchObject(size);
  expect(readPlainJpeg(turbo, path, false)).toBeUndefined();
  // Without its last bytes a file may have been cut off, so all of it is decoded.
  expect(readPlainJpeg(turbo, await write(whole.subarray(0, -1)), false, () => upper)).toBeUndefined();
});
