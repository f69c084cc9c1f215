import { execFileSync } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, OptionError, RandomStreams } from '@ltml/tensor';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pipeline } from '../../src/index.ts';
import { PicturePool, pictureReader } from '../../src/node/index.ts';
import { type BuiltPool, builtPool } from './built-pool.ts';
import { pictureFiles } from './picture-files.ts';

let root: string;
let files: string[];
let built: BuiltPool;
let Built: typeof PicturePool;
const pools: PicturePool[] = [];
const pool = (options: ConstructorParameters<typeof PicturePool>[0] = { workers: 0 }): PicturePool => {
  const made = new PicturePool(options);
  pools.push(made);
  return made;
};
beforeAll(async () => {
  ({ root, files } = await pictureFiles(13));
  built = await builtPool();
  Built = built.PicturePool;
});
afterAll(async () => {
  await Promise.all(pools.map((each) => each.close()));
  await rm(root, { recursive: true });
  await built.remove();
});

const train: Pipeline = [
  { name: 'randomResizedCrop', size: 24 },
  { name: 'horizontalFlip' },
  { name: 'randAugment', count: 2 },
  { name: 'normalize', mean: [120, 121, 122], std: [50, 51, 52] },
];
const random = new RandomStreams(7);
const requests = (names: readonly string[] = files) =>
  names.map((file, place) => ({ file, random: random.derive('augment', 3, place) }));

test('0, 1, 2 and 5 workers give the bytes of a serial reader, in both modes, of batches read ahead', async () => {
  const made = [pool({ workers: 0 }), pool({ workers: 1 })];
  for (const workers of [0, 1, 2, 5]) made.push(pools[pools.push(new Built({ workers })) - 1]);
  for (const mode of ['as-pil', 'upright'] as const) {
    const serial = pictureReader({ pipeline: train, mode });
    const expected: number[] = [];
    for (const { file, random } of requests()) expected.push(...(await serial(join(root, file), random)).pixels);
    for (const each of made) {
      const reader = each.reader({ root, pipeline: train, mode });
      expect(reader.shape).toEqual([24, 24, 3]);
      const batches = await Promise.all(
        [requests(), requests(files.slice(0, 3)), requests(), requests(), []].map((each) => reader.read(each)),
      );
      for (const batch of batches) {
        const start = Float32Array.from(expected.slice(0, batch.length));
        expect(Buffer.compare(bytesOf(batch), bytesOf(start)), `${each.workers}`).toBe(0);
      }
      expect(batches.map(({ length }) => length / (24 * 24 * 3))).toEqual([13, 3, 13, 13, 0]);
    }
  }
});

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

test('a batch is read into given memory of its size, and leaves other memory as it is', async () => {
  const reader = pool().reader({ root, pipeline: train });
  const expected = await reader.read(requests());
  const into = new Float32Array(expected.length).fill(Number.NaN);
  expect(await reader.read(requests(), into)).toBe(into);
  expect(into).toEqual(expected);
  const short = new Float32Array(expected.length - 1);
  expect(await reader.read(requests(), short)).toEqual(expected);
  expect(short.every((value) => value === 0)).toBe(true);
});

test.each([0, 1])(
  'with %i workers the first broken file is named, with the reason, and others are read on',
  async (workers) => {
    const each = new Built({ workers });
    pools.push(each);
    const reader = each.reader({ root, pipeline: train });
    const whole = await readFile(join(root, '0.jpg'));
    await writeFile(join(root, 'cut.jpg'), whole.subarray(0, whole.length / 2));
    await writeFile(join(root, 'text.png'), 'no picture');
    const broken = await reader.read(requests([...files.slice(0, 4), 'cut.jpg', 'text.png'])).catch((error) => error);
    expect(broken).toSatisfy(DataError.is);
    expect(broken.message).toMatch(/^PicturePool: cut\.jpg should be a picture that can be read, got .+/);
    await expect(reader.read(requests(['text.png']))).rejects.toThrow(/text\.png.*unsupported image format/);
    await expect(reader.read(requests(['gone.png']))).rejects.toThrow(/gone\.png.*missing/);
    expect(await reader.read(requests(['1.png']))).toHaveLength(24 * 24 * 3);
  },
);

test('paths that lead out of the root are refused', async () => {
  const reader = pool().reader({ root: join(root, 'inner'), pipeline: train });
  await mkdir(join(root, 'inner'));
  await symlink(join(root, '0.jpg'), join(root, 'inner', 'linked.jpg'));
  for (const file of ['../0.jpg', join(root, '0.jpg'), 'a/../../0.jpg', '.', '']) {
    await expect(reader.read([{ file }]), file).rejects.toThrow(/should be a path in .*leads out of it/);
  }
  expect(await reader.read([{ file: join(root, 'inner', 'linked.jpg') }, { file: './linked.jpg' }])).toHaveLength(3456);
});

test('options, steps and pipelines without one size are refused when the reader is made', () => {
  expect(() => new PicturePool({ workers: -1 })).toThrow(OptionError);
  expect(() => new PicturePool({ threads: 2 } as object)).toThrow(/unknown option "threads"/);
  const made = pool();
  expect(() => made.reader({ root, pipeline: [{ name: 'mirror' } as never] })).toThrow(/pipeline\[0\]\.name/);
  expect(() => made.reader({ root, pipeline: [{ name: 'horizontalFlip' }] })).toThrow(/depends on the size/);
  expect(() => made.reader({ root, pipeline: train, mode: 'pil' as never })).toThrow(/as-pil, upright/);
  expect(() => made.reader({ root, pipeline: train, shrinkOnLoad: 1 as never })).toThrow(OptionError);
});

test('a pipeline that leaves a picture of another size names it', async () => {
  const reader = pool().reader({
    root,
    pipeline: [
      { name: 'resize', height: 9, width: 9 },
      { name: 'randomCrop', keep: 0.5 },
    ],
  });
  await expect(reader.read(requests())).rejects.toThrow(/\d\.(jpg|png|webp) .*pixels after the pipeline, not 9 × 9/);
});

test.each([0, 2])('a closed pool of %i workers refuses what is on its way, and what comes', async (workers) => {
  const made = new Built({ workers });
  const reader = made.reader({ root, pipeline: train });
  await reader.read(requests());
  const reads = [1, 2, 3, 4, 5].map(() => reader.read(requests()));
  const outcomes = Promise.allSettled(reads);
  await made.close();
  expect((await outcomes).map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
  await expect(reader.read(requests())).rejects.toThrow(/one that is closed/);
  await made.close();
});

test('a signal ends reading with its reason', async () => {
  const controller = new AbortController();
  const reader = new Built({ workers: 1, signal: controller.signal }).reader({ root, pipeline: train });
  await reader.read(requests());
  const reading = reader.read(requests());
  controller.abort(new Error('no more'));
  await expect(reading).rejects.toThrow('no more');
  await expect(reader.read(requests())).rejects.toThrow('no more');
  await expect(
    pool({ workers: 1, signal: AbortSignal.abort() }).reader({ root, pipeline: train }).read([]),
  ).rejects.toThrow(/abort/i);
});

test('a process that does not close its pool ends', () => {
  const program = `
    const { PicturePool } = await import(${JSON.stringify(built.module)});
    const reader = new PicturePool({ workers: 2 }).reader(${JSON.stringify({ root, pipeline: train })});
    const values = await reader.read(${JSON.stringify(files)}.map((file) => ({ file })));
    console.log(values.length);`;
  const command = ['--input-type=module', '--eval', program];
  expect(execFileSync(process.execPath, command, { encoding: 'utf8', timeout: 30_000 }).trim()).toBe(
    `${13 * 24 * 24 * 3}`,
  );
});
