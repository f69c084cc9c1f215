import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@ltml/tensor';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Pipeline, resolvePipeline } from '../../src/index.ts';
import { decodeImage, pictureReader } from '../../src/node/index.ts';
import { smooth } from './picture-files.ts';

let folder: string;
const large = () => join(folder, 'large.jpg');
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ltml-reader-'));
  const raw = { raw: { width: 800, height: 600, channels: 3 } } as const;
  const pixels = smooth(800, 600, new RandomStream(2));
  await sharp(pixels, raw).withMetadata({ orientation: 6 }).jpeg({ quality: 92 }).toFile(large());
  await sharp(pixels, raw).png({ compressionLevel: 1 }).toFile(join(folder, 'large.png'));
});
afterAll(() => rm(folder, { recursive: true }));

const pipelines: readonly Pipeline[] = [
  [{ name: 'resize', height: 40, width: 40 }],
  [
    { name: 'resize', shorterSide: 70, filter: 'bicubic' },
    { name: 'centerCrop', size: 64 },
  ],
  [{ name: 'randomResizedCrop', size: 56 }, { name: 'horizontalFlip' }],
];

test('of a large JPEG part of the size is decoded: within 1.5 levels on average, 24 at a border, of all of it', async () => {
  const whole = await decodeImage(large(), { mode: 'upright' });
  for (const pipeline of pipelines) {
    for (let seed = 0; seed < 5; seed++) {
      const stream = (): RandomStream | undefined => (seed === 0 ? undefined : new RandomStream(seed));
      const fast = await pictureReader({ pipeline, mode: 'upright', shrinkOnLoad: true })(large(), stream());
      const exact = resolvePipeline(pipeline)(whole, stream());
      expect([fast.height, fast.width]).toEqual([exact.height, exact.width]);
      const gaps = Array.from(exact.pixels, (level, at) => Math.abs(level - fast.pixels[at]));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(24);
      expect(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length).toBeLessThan(1.5);
    }
  }
});

test('without it, and in all that is not much too large, a picture is the whole picture through the pipeline', async () => {
  const wide: Pipeline = [{ name: 'randomResizedCrop', size: 400 }];
  const cases = [
    ['large.jpg', 'upright', pipelines[0]],
    ['large.jpg', 'as-pil', pipelines[0]],
    ['large.jpg', 'as-pil', pipelines[2]],
    ['large.jpg', 'upright', wide, true],
    ['large.png', 'as-pil', wide],
    ['large.png', 'upright', pipelines[1], true],
  ] as const;
  for (const [file, mode, pipeline, shrinkOnLoad = false] of cases) {
    const read = await pictureReader({ pipeline, mode, shrinkOnLoad })(join(folder, file), new RandomStream(9));
    const whole = await decodeImage(join(folder, file), { mode });
    const expected = resolvePipeline(pipeline)(whole, new RandomStream(9));
    expect([read.height, read.width]).toEqual([expected.height, expected.width]);
    expect(Buffer.compare(read.pixels as Uint8Array, expected.pixels as Uint8Array)).toBe(0);
  }
});

test('a file that is none is named', async () => {
  for (const mode of ['as-pil', 'upright'] as const) {
    await expect(pictureReader({ pipeline: pipelines[0], mode })(join(folder, 'none.jpg'))).rejects.toThrow(
      /none\.jpg/,
    );
  }
});
