import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { itemStreams } from '@ltml/data';
import { RandomStreams, readSafetensors } from '@ltml/tensor';
import { cacheFeatures } from '@ltml/train';
import { type FeatureStorage, openFeatures, type WriteFeaturesOptions, writeFeatures } from '@ltml/train/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunLock } from '../../../src/node/run-lock.ts';
import { syntheticDataset } from '../../synthetic.ts';

const dataset = syntheticDataset(11);
const { inputs } = dataset;
/** Moves and doubles the first four entries of an item, as a map of 2 × 2. */
const encode = (images: tf.Tensor) => tf.reshape(tf.mul(tf.slice(images, [0, 0], [-1, 4]), 1.9), [-1, 2, 2]);
const all = Array.from({ length: 11 }, (_, i) => i);
const of = { encoder: 'doubling' };
/** Files of four images: three for each view. */
const small = { of, views: 2, batchSize: 2, shardBytes: 64 };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-features-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (options: Partial<WriteFeaturesOptions> = {}, into = folder) =>
  writeFeatures(into, encode, inputs, { ...small, random: new RandomStreams(0), ...options });
const hashes = (path: string) =>
  Object.fromEntries(
    readdirSync(path)
      .sort()
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(path, name)))
          .digest('hex'),
      ]),
  );
/** Stops after so many images. */
const stopAfter = (images: number, options: Partial<WriteFeaturesOptions> = {}) => {
  const controller = new AbortController();
  const onProgress = (done: number): void => {
    if (done >= images) controller.abort();
  };
  return write({ onProgress, signal: controller.signal, ...options }).catch((error: unknown) => {
    expect(error).toBe(controller.signal.reason);
  });
};

async function readAll(streams = itemStreams(new RandomStreams(7), 0)): Promise<Float32Array[]> {
  const stored = await openFeatures(folder);
  try {
    return [await stored.inputs.read(all), await stored.inputs.read([7, 0, 7]), await stored.inputs.read(all, streams)];
  } finally {
    await stored.close();
  }
}

describe('features on disk', () => {
  it('are those of the cache, bit for bit, plain and in augmented views', async () => {
    const index = await write();
    expect(index).toMatchObject({ images: 11, views: 2, shape: [2, 2], storage: 'f32', rowsPerShard: 4 });
    expect(index.error).toEqual({ largest: 0, relative: 0 });
    const cached = await cacheFeatures(encode, dataset, { views: 2, random: new RandomStreams(0), batchSize: 2 });
    const streams = itemStreams(new RandomStreams(7), 0);
    expect(await readAll()).toEqual([
      await cached.inputs.read(all),
      await cached.inputs.read([7, 0, 7]),
      await cached.inputs.read(all, streams),
    ]);
    expect(readdirSync(folder).length).toBe(10);
  });

  it('that are gone on with after a stop are those of one run, byte for byte', async () => {
    await write();
    const expected = hashes(folder);
    for (const [images, batchesLeft] of [
      [1, 18],
      [4, 16],
      [9, 14],
      [17, 10],
      [31, 2],
    ]) {
      rmSync(folder, { recursive: true });
      await stopAfter(images);
      await expect(openFeatures(folder)).rejects.toThrow(/complete.*without index.json/);
      const done: number[] = [];
      await write({ onProgress: (count) => void done.push(count) });
      expect(hashes(folder)).toEqual(expected);
      expect(done.length).toBe(batchesLeft);
    }
  });

  it.each<FeatureStorage>(['f16', 'int8'])('say truly what %s costs', async (storage) => {
    const { error } = await write({ storage });
    const plain = await cacheFeatures(encode, dataset, { views: 2, random: new RandomStreams(0), batchSize: 2 });
    let [largest, differences, squares] = [0, 0, 0];
    const files = readdirSync(folder).filter((name) => name.startsWith('view-'));
    const stored = await openFeatures(folder);
    for (let view = 0; view <= 2; view++) {
      const streams = () => ({ integer: () => view - 1 }) as never;
      const read = view === 0 ? undefined : streams;
      const [a, b] = [await plain.inputs.read(all, read), await stored.inputs.read(all, read)];
      for (const [i, x] of a.entries()) {
        largest = Math.max(largest, Math.abs(b[i] - x));
        differences += (b[i] - x) ** 2;
        squares += x * x;
      }
    }
    await stored.close();
    expect(error.largest).toBe(largest);
    expect(error.relative).toBeCloseTo(Math.sqrt(differences / squares), 12);
    expect(largest).toBeGreaterThan(0);
    // Half of the last bit, or half of a level.
    expect(error.relative).toBeLessThan(storage === 'f16' ? 2 ** -11 : 1 / 255);
    const numbers = readSafetensors(readFileSync(join(folder, files[0]))).tensors.get('features');
    expect(numbers?.dtype).toBe(storage === 'f16' ? 'F32' : 'U8');
    await write({ storage });
  });

  it('that are damaged are refused by name when they are read, and computed anew', async () => {
    await write();
    const expected = hashes(folder);
    const path = join(folder, 'view-0-00001.safetensors');
    const bytes = readFileSync(path);
    const flipped = Buffer.from(bytes);
    flipped[flipped.length - 20] ^= 1;
    const other = readFileSync(join(folder, 'view-1-00001.safetensors'));
    for (const damage of [flipped, bytes.subarray(0, -1), bytes.subarray(0, 5), Buffer.alloc(0), other]) {
      writeFileSync(path, damage);
      await expect(readAll()).rejects.toThrow(/view-0-00001\.safetensors/);
      const warnings: string[] = [];
      let encoded = 0;
      const counting = (images: tf.Tensor): tf.Tensor => {
        encoded += images.shape[0];
        return encode(images);
      };
      await writeFeatures(folder, counting, inputs, {
        ...small,
        random: new RandomStreams(0),
        onWarning: (message) => void warnings.push(message),
      });
      expect(warnings).toEqual([expect.stringMatching(/^view-0-00001\.safetensors is computed again: /)]);
      expect(hashes(folder)).toEqual(expected);
      // Its four images, and one of zeros for the shape.
      expect(encoded).toBe(5);
    }
    rmSync(path);
    await expect(readAll()).rejects.toThrow(/view-0-00001\.safetensors/);
  });

  it('are given more views without those that are there being computed again', async () => {
    await write();
    const expected = hashes(folder);
    rmSync(folder, { recursive: true });
    await write({ views: 1 });
    const batches: number[] = [];
    await write({ onProgress: (done) => void batches.push(done) });
    expect(batches.length).toBe(6);
    expect(hashes(folder)).toEqual(expected);
    // None are taken away either.
    expect((await write({ views: 0 })).views).toBe(2);
    const cached = await cacheFeatures(encode, dataset, { views: 1, random: new RandomStreams(0), batchSize: 2 });
    const streams = itemStreams(new RandomStreams(7), 0);
    const one = await openFeatures(folder, { views: 1 });
    expect(await one.inputs.read(all, streams)).toEqual(await cached.inputs.read(all, streams));
    await one.close();
    await expect(openFeatures(folder, { views: 3 })).rejects.toThrow(/options.views/);
  });

  it('of something else are not taken for these', async () => {
    await write();
    const before = hashes(folder);
    await write({ of: { ...of, encoder: 'tripling' }, onWarning: () => {} });
    const after = hashes(folder);
    for (const name of Object.keys(before)) expect(after[name]).not.toBe(before[name]);
  });

  it('are written by one process at a time, and leave nothing half-written behind', async () => {
    const lock = RunLock.take(folder);
    await expect(write()).rejects.toThrow(/writeFeatures: .*that no other process uses/);
    lock.release();
    writeFileSync(join(folder, 'view-0-00000.safetensors.0123abcd.tmp'), 'half');
    writeFileSync(join(folder, 'view-7-00000.safetensors'), 'of another layout');
    await write();
    expect(readdirSync(folder).filter((name) => /tmp|lock|view-7/.test(name))).toEqual([]);
  });

  it('say what is wrong with their index', async () => {
    await write();
    const path = join(folder, 'index.json');
    truncateSync(path, 30);
    await expect(openFeatures(folder)).rejects.toThrow(/index\.json should be the index of stored features/);
    writeFileSync(path, '{"format":"ltml-features","version":2}');
    await expect(openFeatures(folder)).rejects.toThrow(/version/);
    await write();
    expect((await readAll()).length).toBe(3);
  });

  it('refuse features that are not finite, or too large for half precision, by image', async () => {
    const odd = (value: number) => (images: tf.Tensor) =>
      tf.tidy(() => tf.where(tf.greater(images, 1e9), images, tf.fill(images.shape, value)));
    const run = (value: number, storage: FeatureStorage) =>
      writeFeatures(folder, odd(value), inputs, { of: {}, batchSize: 2, storage });
    await expect(run(Number.NaN, 'f32')).rejects.toThrow(/feature of image 0 should be finite/);
    await expect(run(Number.POSITIVE_INFINITY, 'int8')).rejects.toThrow(/feature of image 0 should be finite/);
    await expect(run(1e5, 'f16')).rejects.toThrow(/from -65504 to 65504.*Store them as f32 or int8/);
    expect((await run(1e5, 'int8')).error.largest).toBe(0);
  });

  it('leave no tensor behind', async () => {
    const before = tf.memory().numTensors;
    await stopAfter(5);
    await write();
    await readAll();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses what cacheFeatures refuses', async () => {
    await expect(write({ random: undefined as never })).rejects.toThrow(/options.random should be given/);
    await expect(write({ batchSize: 0 })).rejects.toThrow(/options.batchSize/);
    await expect(write({ storage: 'f8' as never })).rejects.toThrow(/f32, f16, int8/);
    await expect(write({ view: 1 } as never)).rejects.toThrow(/unknown option "view"/);
    const { inputs: none } = syntheticDataset(0);
    await expect(writeFeatures(folder, encode, none, { of })).rejects.toThrow(/at least one image/);
  });
});
