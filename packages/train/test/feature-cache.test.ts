import { itemStreams } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import { cacheFeatures } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { syntheticDataset } from './synthetic.ts';

const dataset = syntheticDataset(10);
/** Doubles the first four entries of an item, as a map of 2 × 2. */
const encode = (inputs: tf.Tensor) => tf.reshape(tf.mul(tf.slice(inputs, [0, 0], [-1, 4]), 2), [-1, 2, 2]);
const all = Array.from({ length: 10 }, (_, i) => i);
const rows = (values: Float32Array) =>
  Array.from({ length: values.length / 4 }, (_, i) => `${values.subarray(4 * i, 4 * i + 4)}`);

describe('cacheFeatures', () => {
  it('holds what the encoder makes of the plain inputs, for any indices and batch', async () => {
    const plain = await dataset.inputs.read(all);
    for (const batchSize of [3, 10, 64]) {
      const cached = await cacheFeatures(encode, dataset, { batchSize });
      expect(cached.inputs).toMatchObject({ length: 10, shape: [2, 2] });
      expect(cached.labels).toBe(dataset.labels);
      const values = await cached.inputs.read([7, 0, 7]);
      const expected = [7, 0, 7].flatMap((i) =>
        Array.from(plain.subarray(6 * i, 6 * i + 4), (x) => Math.fround(2 * x)),
      );
      expect(Array.from(values)).toEqual(expected);
    }
  });

  it('without views gives the plain features also to a read that augments', async () => {
    const cached = await cacheFeatures(encode, dataset);
    expect(await cached.inputs.read(all, itemStreams(new RandomStreams(1), 0))).toEqual(await cached.inputs.read(all));
  });

  it('with views draws one of the augmented views for each image, and the plain one in evaluation', async () => {
    const cached = await cacheFeatures(encode, dataset, { views: 3, random: new RandomStreams(5) });
    const plain = rows(await (await cacheFeatures(encode, dataset)).inputs.read(all));
    expect(rows(await cached.inputs.read(all))).toEqual(plain);
    const seen = all.map(() => new Set<string>());
    for (let draw = 0; draw < 60; draw++) {
      for (const [i, row] of rows(await cached.inputs.read(all, itemStreams(new RandomStreams(2), draw))).entries())
        seen[i].add(row);
    }
    expect(seen.map((views) => views.size)).toEqual(all.map(() => 3));
    expect(seen.some((views, i) => views.has(plain[i]))).toBe(false);
  });

  it('is the same for the same seeds, whatever the batches', async () => {
    const build = async (batchSize: number) => {
      const random = new RandomStreams(5);
      const { inputs } = await cacheFeatures(encode, dataset, { views: 2, random, batchSize });
      return Promise.all([0, 1, 2].map((epoch) => inputs.read(all, itemStreams(new RandomStreams(3), epoch))));
    };
    const expected = await build(4);
    for (const batchSize of [1, 4, 7, 64]) expect(await build(batchSize)).toEqual(expected);
  });

  it('tells how far it is and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const done: number[] = [];
    const onProgress = (part: number) => void done.push(part);
    await cacheFeatures(encode, dataset, { views: 1, random: new RandomStreams(5), batchSize: 5, onProgress });
    expect(done).toEqual([0.25, 0.5, 0.75, 1]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses views without a stream, no images, and unknown options', async () => {
    await expect(cacheFeatures(encode, dataset, { views: 2 })).rejects.toThrow(/options.random should be given/);
    await expect(cacheFeatures(encode, syntheticDataset(0))).rejects.toThrow(/at least one image/);
    await expect(cacheFeatures(encode, dataset, { view: 2 } as never)).rejects.toThrow(/unknown option "view"/);
  });

  it.each([0, -1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '8', null])(
    'refuses batches of %s images',
    async (batchSize) => {
      await expect(cacheFeatures(encode, dataset, { batchSize: batchSize as number })).rejects.toThrow(
        /options.batchSize should be a whole number ≥ 1/,
      );
    },
  );

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '2'])('refuses %s views', async (views) => {
    const random = new RandomStreams(5);
    await expect(cacheFeatures(encode, dataset, { views: views as number, random })).rejects.toThrow(
      /options.views should be a whole number ≥ 0/,
    );
  });

  it('stops at a signal between two batches, with its reason and no tensor left', async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const done: number[] = [];
    const onProgress = (part: number) => {
      done.push(part);
      if (part === 0.5) controller.abort();
    };
    const caching = cacheFeatures(encode, dataset, { batchSize: 1, onProgress, signal: controller.signal });
    expect(await caching.catch((error: unknown) => error)).toBe(controller.signal.reason);
    expect(done.length).toBe(5);
    expect(tf.memory().numTensors).toBe(before);
  });
});
