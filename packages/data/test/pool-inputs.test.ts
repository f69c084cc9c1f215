import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pipeline } from '@ltml/images';
import { decodeImage, type PicturePool } from '@ltml/images/node';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import type { LoadedBatch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { encode } from 'fast-png';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BuiltPool, builtPool } from '../../images/test/node/built-pool.ts';
import {
  BatchLoader,
  contrastiveViews,
  cutmix,
  imageInputs,
  itemStreams,
  labelsFromLists,
  type Mix,
  mixup,
  type Pictures,
  UniformSampler,
} from '../src/index.ts';
import { type PoolFiles, poolInputs, poolViews } from '../src/node/index.ts';

const pipeline: Pipeline = [
  { name: 'randomResizedCrop', size: 12 },
  { name: 'horizontalFlip' },
  { name: 'normalize', mean: [128, 128, 128], std: [64, 64, 64] },
];
const files = ['0.png', '1.png', '2.png', '3.png', '4.png', '5.png', '6.png'];
const sides = { height: 20, width: 30 };
let built: BuiltPool;
let root: string;
/** Pools by the number of their threads. */
const pools = new Map<number, PicturePool>();

function poolOf(workers: number): PicturePool {
  const pool = pools.get(workers) ?? new built.PicturePool({ workers });
  pools.set(workers, pool);
  return pool;
}

beforeAll(async () => {
  built = await builtPool();
  root = await mkdtemp(join(tmpdir(), 'ltml-inputs-'));
  const random = new RandomStream(1);
  for (const file of files) {
    const data = Uint8Array.from({ length: sides.height * sides.width * 3 }, () => random.integer(256));
    await writeFile(join(root, file), encode({ ...sides, data, channels: 3 }));
  }
});
afterAll(async () => {
  await Promise.all(Array.from(pools.values(), (pool) => pool.close()));
  await built.remove();
  await rm(root, { recursive: true });
});

/** Files of these names as a reader with a root takes them. */
function filesOf(names: readonly string[]): PoolFiles {
  return { length: names.length, path: (i) => names[i] };
}

function loaderOf(workers: number, { names = files, mix }: { names?: readonly string[]; mix?: Mix } = {}): BatchLoader {
  const pool = poolOf(workers);
  const dataset = {
    name: 'files',
    classes: ['even', 'odd'],
    labels: labelsFromLists(
      names.map((_, i) => [i % 2]),
      2,
    ),
    inputs: poolInputs(pool.reader({ root, pipeline }), filesOf(names)),
  };
  const sampler = new UniformSampler({ length: names.length, random: new RandomStream(4) });
  const random = new RandomStreams(9);
  return new BatchLoader({ dataset, sampler, batchSize: 3, random, onBroken: 'skip', ...(mix && { mix }) });
}

/** The inputs of a batch, which is disposed of. */
function take({ inputs, labels, known, indices }: LoadedBatch): readonly unknown[] {
  const [values, ...ofLabels] = [inputs, labels, known].map((tensor) => Array.from(tensor.dataSync()));
  tf.dispose([inputs, labels, known]);
  return [indices, values, ...ofLabels];
}

async function takeAll(batches: AsyncIterable<LoadedBatch>): Promise<unknown[]> {
  const taken: unknown[] = [];
  for await (const batch of batches) taken.push(take(batch));
  return taken;
}

test('batches are those of the serial reader, whatever the number of workers; the rest of an epoch comes back', async () => {
  const serial = imageInputs(
    { length: files.length, size: sides, key: (i) => files[i], read: (i) => decodeImage(join(root, files[i])) },
    pipeline,
  );
  const epochs: unknown[][] = [];
  for (const workers of [0, 2]) {
    const loader = loaderOf(workers);
    await takeAll(loader.epoch());
    let state = loader.exportState();
    const epoch: unknown[] = [];
    for await (const batch of loader.epoch()) {
      epoch.push(take(batch));
      if (epoch.length === 1) state = JSON.parse(JSON.stringify(loader.exportState()));
    }
    epochs.push(epoch);
    const resumed = loaderOf(0);
    resumed.importState(state);
    expect(await takeAll(resumed.epoch())).toEqual(epoch.slice(1));
  }
  expect(epochs[1]).toEqual(epochs[0]);
  const [indices, values] = epochs[0][1] as [number[], number[]];
  const streams = (row: number) => new RandomStreams(9).derive('augment', 1, 3 + row, 0);
  expect(Array.from(await serial.read(indices, streams))).toEqual(values);
});

test.each([
  ['mixup', mixup()],
  ['cutmix', cutmix()],
])('batches of %s are the same for any number of workers', async (_, mix) => {
  const [none, ...others] = await Promise.all(
    [0, 1, 2, 5].map((workers) => takeAll(loaderOf(workers, { mix }).epoch())),
  );
  expect(none).not.toEqual(await takeAll(loaderOf(0).epoch()));
  for (const batches of others) expect(batches).toEqual(none);
});

test('a picture is turned by the degrees that come with it, whoever reads it (trap 13)', async () => {
  const plain: Pipeline = [{ name: 'resize', height: 20, width: 20 }];
  const turned: PoolFiles = { length: 2, path: (i) => files[i], turn: (i) => (i === 0 ? 90 : undefined) };
  const expected = await imageInputs(await sidePictures(), plain).read([0, 1]);
  for (const workers of [0, 2]) {
    const inputs = poolInputs(poolOf(workers).reader({ root, pipeline: plain, mode: 'upright' }), turned);
    expect(await inputs.read([0, 1])).toEqual(expected);
  }
});

/** The first file turned to its side by hand, and the second as it is. */
async function sidePictures(): Promise<Pictures> {
  const [first, second] = await Promise.all(files.slice(0, 2).map((file) => decodeImage(join(root, file))));
  const { height, width } = first;
  const pixels = new Uint8Array(first.pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const to = ((width - 1 - x) * height + y) * 3;
      pixels.set(first.pixels.subarray((y * width + x) * 3, (y * width + x + 1) * 3), to);
    }
  }
  const pictures = [{ height: width, width: height, pixels }, second];
  return { length: 2, key: String, read: async (i) => pictures[i] };
}

test('a file that can’t be read is left out and counted by option', async () => {
  const loader = loaderOf(0, { names: [...files.slice(0, 4), 'gone.png'] });
  const batches = (await takeAll(loader.epoch())) as [number[], number[]][];
  expect(batches.flatMap(([indices]) => indices).sort()).toEqual([0, 1, 2, 3]);
  expect(loader.broken).toEqual([{ index: 4, reason: expect.stringMatching(/gone\.png.*missing/) }]);
});

test('views are those of the serial reader, whatever the number of workers', async () => {
  const statistics = { mean: [128, 128, 128], std: [64, 64, 64] } as const;
  const options = { viewSize: 10, patchSize: 5, patches: 2, statistics };
  const read = (i: number) => decodeImage(join(root, files[i]));
  const serial = contrastiveViews({ length: files.length, key: String, read }, options);
  const streams = itemStreams(new RandomStreams(3), 2);
  const [drawn, still] = [await serial.read([4, 0, 2], streams), await serial.read([1])];
  for (const workers of [0, 1, 2, 5]) {
    const pool = poolOf(workers);
    const views = poolViews(pool.viewReader({ root, ...options }), filesOf(files));
    expect(views.shape).toEqual(serial.shape);
    expect(await Promise.all([views.read([4, 0, 2], streams), views.read([1])])).toEqual([drawn, still]);
    const gone = poolViews(pool.viewReader({ root, ...options }), filesOf(['gone.png']));
    await expect(gone.read([0])).rejects.toThrow(/gone\.png/);
  }
  expect(() => poolOf(0).viewReader({ ...options, mode: 'pil' as never })).toThrow(
    /mode should be one of as-pil, upright/,
  );
  expect(() => poolOf(0).viewReader({ ...options, patches: -1 })).toThrow(/options\.patches/);
});
