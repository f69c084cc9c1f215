import { DataError, OptionError, RandomStream, RandomStreams } from '@ltml/tensor';
import type { LoadedBatch } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import type { InputParts, LabelledInputs } from '../src/labelled-inputs.ts';
import { BatchLoader } from '../src/loader.ts';
import type { BatchLoaderOptions } from '../src/loader-options.ts';
import { cutmix } from '../src/mix/cutmix.ts';
import type { Mix } from '../src/mix/mix.ts';
import { mixup } from '../src/mix/mixup.ts';
import { SequentialSampler } from '../src/sequential-sampler.ts';
import { denseLabels } from '../src/sparse-labels.ts';
import { UniformSampler } from '../src/uniform-sampler.ts';

/** Seven images of two numbers: the index, and a draw of the augmentation. Class c is present in image i if c divides i. */
function numbers(broken: readonly number[] = []): LabelledInputs {
  return {
    name: 'numbers',
    classes: ['one', 'two', 'three'],
    labels: {
      rows: 7,
      columns: 3,
      present: Uint8Array.from({ length: 21 }, (_, at) => (Math.floor(at / 3) % ((at % 3) + 1) === 0 ? 1 : 0)),
      known: Uint8Array.from({ length: 21 }, (_, at) => (at % 4 === 0 ? 0 : 1)),
    },
    inputs: {
      length: 7,
      shape: [2],
      async read(indices, streams) {
        for (const index of Array.from(indices)) if (broken.includes(index)) throw new Error('bad bytes');
        return Float32Array.from(Array.from(indices).flatMap((index, row) => [index, streams?.(row).uniform() ?? 0]));
      },
    },
  };
}

function loaderOf(options: Partial<BatchLoaderOptions> = {}): BatchLoader {
  return new BatchLoader({ dataset: numbers(), sampler: new SequentialSampler(7), batchSize: 3, ...options });
}

function take(batch: LoadedBatch): { indices: readonly number[]; inputs: number[] } {
  const inputs = Array.from(batch.inputs.dataSync());
  tf.dispose([batch.inputs, batch.labels, batch.known]);
  return { indices: batch.indices, inputs };
}

async function takeAll(batches: AsyncIterable<LoadedBatch>) {
  const taken = [];
  for await (const batch of batches) taken.push(take(batch));
  return taken;
}

test('batches inputs, labels and what is known, in the order of the sampler', async () => {
  const batches = [];
  for await (const batch of loaderOf().epoch()) batches.push(batch);
  expect(batches.map(({ indices }) => indices)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  const [, , last] = batches;
  expect([last.inputs.shape, last.labels.shape, last.known.shape]).toEqual([
    [1, 2],
    [1, 3],
    [1, 3],
  ]);
  expect(Array.from(last.inputs.dataSync())).toEqual([6, 0]);
  // Entries 18, 19 and 20: all three divide 6, but entry 20 is not known.
  expect(Array.from(last.labels.dataSync())).toEqual([1, 1, 0]);
  // Image 1 has entries 3, 4 and 5: only "one" divides 1. Image 0: entry 0 is present, but not known to be.
  expect(Array.from(batches[0].labels.dataSync())).toEqual([0, 1, 1, 1, 0, 0, 1, 1, 0]);
  expect(Array.from(batches[0].known.dataSync())).toEqual([0, 1, 1, 1, 0, 1, 1, 1, 0]);
  tf.dispose(batches.map(({ inputs, labels, known }) => [inputs, labels, known]));
});

test('dropLast leaves out the incomplete batch', async () => {
  const loader = loaderOf({ dropLast: true });
  expect(loader.batchesPerEpoch).toBe(2);
  expect(await takeAll(loader.epoch())).toHaveLength(2);
  expect(loaderOf().batchesPerEpoch).toBe(3);
});

test('an image draws by seed, epoch and place in the epoch, whatever the batch size and whoever is broken', async () => {
  const drawn = async (options: Partial<BatchLoaderOptions>) => {
    const loader = loaderOf({ random: new RandomStreams(5), onBroken: 'skip', ...options });
    const epochs = [await takeAll(loader.epoch()), await takeAll(loader.epoch())];
    return epochs.map((batches) => new Map(batches.flatMap(({ inputs }) => pairs(inputs))));
  };
  const expected = await drawn({ batchSize: 1 });
  expect(new Set(expected.flatMap((epoch) => [...epoch.values()])).size).toBe(14);
  for (const batchSize of [2, 3, 7, 100]) expect(await drawn({ batchSize })).toEqual(expected);
  for (const batchSize of [1, 3, 7]) {
    const skipped = await drawn({ batchSize, dataset: numbers([1, 4]) });
    for (const epoch of expected) for (const index of [1, 4]) epoch.delete(index);
    expect(skipped).toEqual(expected);
  }
});

/** Index and draw of each image of a batch. */
function pairs(inputs: number[]): (readonly [index: number, draw: number])[] {
  return Array.from({ length: inputs.length / 2 }, (_, i) => [inputs[2 * i], inputs[2 * i + 1]] as const);
}

test('augmentation depends on seed and epoch', async () => {
  const first = loaderOf({ random: new RandomStreams(5) });
  const epochs = [await takeAll(first.epoch()), await takeAll(first.epoch())];
  expect(epochs[0]).not.toEqual(epochs[1]);
  const second = loaderOf({ random: new RandomStreams(5) });
  expect([await takeAll(second.epoch()), await takeAll(second.epoch())]).toEqual(epochs);
  expect((await takeAll(loaderOf({ random: new RandomStreams(5) }).epoch(1)))[0]).toEqual(epochs[0][1]);
  expect(await takeAll(loaderOf({ random: new RandomStreams(6) }).epoch())).not.toEqual(epochs[0]);
});

test('a state saved in the middle of an epoch brings back the rest of it, and the epochs after', async () => {
  const shuffled = (seed: number) =>
    loaderOf({
      sampler: new UniformSampler({ length: 7, random: new RandomStream(seed) }),
      random: new RandomStreams(5),
      batchSize: 2,
    });
  for (const stop of [0, 1, 3, 4]) {
    const first = shuffled(1);
    await takeAll(first.epoch());
    const expected = [];
    let state = first.exportState();
    for await (const batch of first.epoch()) {
      expected.push(take(batch));
      if (expected.length === stop) state = JSON.parse(JSON.stringify(first.exportState()));
    }
    expected.push(...(await takeAll(first.epoch())));
    const second = shuffled(2);
    second.importState(state);
    const resumed =
      stop < 4
        ? [...(await takeAll(second.epoch())), ...(await takeAll(second.epoch()))]
        : await takeAll(second.epoch());
    expect(resumed).toEqual(expected.slice(stop));
  }
});

test.each([
  [undefined, [0, 1, 2]],
  [1, [0, 1]],
  [4, [0, 1, 2, 3, 4]],
  [100, [0, 1, 2, 3, 4, 5, 6]],
])('with readAhead %j reads so many batches while one is in use, and no more', async (readAhead, expected) => {
  const dataset = numbers();
  const reads: number[] = [];
  const inputs = {
    ...dataset.inputs,
    read: (indices: ArrayLike<number>) => {
      reads.push(indices[0]);
      return dataset.inputs.read(indices);
    },
  };
  const options = { dataset: { ...dataset, inputs }, batchSize: 1, ...(readAhead && { readAhead }) };
  const batches = loaderOf(options).epoch();
  const { value } = await batches.next();
  expect(reads).toEqual(expected);
  if (value) take(value);
  await batches.return();
});

test('broken images are counted in order, and only those of batches that were handed out', async () => {
  const loader = loaderOf({ dataset: numbers([1, 5]), batchSize: 2, onBroken: 'skip' });
  const counts: number[][] = [];
  for await (const batch of loader.epoch()) {
    take(batch);
    counts.push(loader.broken.map(({ index }) => index));
  }
  expect(counts).toEqual([[1], [1], [1, 5], [1, 5]]);
});

test('leaving the loop early ends the epoch, an image that fails ahead of it is nobody’s error, and no tensor is left', async () => {
  const before = tf.memory().numTensors;
  const loader = loaderOf({ dataset: numbers([6]) });
  for await (const batch of loader.epoch()) {
    take(batch);
    if (batch.indices[0] === 3) break;
  }
  expect(loader.exportState()).toEqual({ epoch: 1, batch: 0, sampler: null });
  const next = loader.epoch();
  const { value } = await next.next();
  expect(value && take(value).indices).toEqual([0, 1, 2]);
  expect(loader.exportState()).toEqual({ epoch: 1, batch: 1, sampler: null });
  await next.return();
  expect(tf.memory().numTensors).toBe(before);
});

test('a broken image stops the epoch and is named', async () => {
  const loader = loaderOf({ dataset: numbers([4]) });
  const reading = takeAll(loader.epoch());
  await expect(reading).rejects.toThrow(DataError);
  await expect(reading).rejects.toThrow(/image 4 of numbers should be readable, got bad bytes/);
});

test('broken images are left out and counted on demand, and so is a batch of nothing else', async () => {
  const loader = loaderOf({ dataset: numbers([1, 6]), onBroken: 'skip', random: new RandomStreams(1) });
  expect((await takeAll(loader.epoch())).map(({ indices }) => indices)).toEqual([
    [0, 2],
    [3, 4, 5],
  ]);
  expect(loader.broken).toEqual([
    { index: 1, reason: 'bad bytes' },
    { index: 6, reason: 'bad bytes' },
  ]);
});

test('refuses bad options and a sampler of other data', async () => {
  expect(() => loaderOf({ batchSize: 0 })).toThrow(OptionError);
  expect(() => loaderOf({ workers: 2 } as object)).toThrow(/unknown option "workers"/);
  await expect(takeAll(loaderOf({ sampler: new SequentialSampler(8) }).epoch())).rejects.toThrow(/7 images of numbers/);
  const dataset = numbers();
  expect(() => loaderOf({ dataset: { ...dataset, labels: { ...dataset.labels, rows: 6 } } })).toThrow(DataError);
});

test.each([
  ['break', 0],
  ['an error', 1],
])('a state saved after the epoch was left by %s goes on as the loader does', async (_, thrown) => {
  const shuffled = (seed: number) =>
    loaderOf({
      sampler: new UniformSampler({ length: 7, random: new RandomStream(seed) }),
      random: new RandomStreams(5),
      batchSize: 2,
    });
  const first = shuffled(1);
  const leave = async (): Promise<void> => {
    for await (const batch of first.epoch()) {
      take(batch);
      if (thrown) throw new Error('stop');
      break;
    }
  };
  await leave().catch(() => {});
  const second = shuffled(2);
  second.importState(JSON.parse(JSON.stringify(first.exportState())));
  for (let epoch = 0; epoch < 2; epoch++) {
    expect(await takeAll(second.epoch())).toEqual(await takeAll(first.epoch()));
    expect(second.exportState()).toEqual(first.exportState());
  }
});

test('an epoch that is closed late does not move the loader', async () => {
  const loader = loaderOf();
  const old = loader.epoch();
  const { value } = await old.next();
  if (value) take(value);
  const state = loader.exportState();
  loader.importState(state);
  await old.return();
  expect(loader.exportState()).toEqual(state);
  expect(await takeAll(loader.epoch())).toHaveLength(2);
});

test('says that batch size and dropLast leave no batch; no images have no batches', async () => {
  expect(() => loaderOf({ batchSize: 128, dropLast: true })).toThrow(OptionError);
  expect(() => loaderOf({ batchSize: 128, dropLast: true })).toThrow(/options.batchSize should be at most 7.*got 128/);
  expect(loaderOf({ batchSize: 7, dropLast: true }).batchesPerEpoch).toBe(1);
  const empty = loaderOf({ sampler: new SequentialSampler(0), dropLast: true });
  expect(empty.batchesPerEpoch).toBe(0);
  expect(await takeAll(empty.epoch())).toEqual([]);
});

test('refuses inputs of another size, states and batches that no epoch has', async () => {
  const dataset = numbers();
  const short = { ...dataset, inputs: { ...dataset.inputs, read: async () => new Float32Array(5) } };
  await expect(takeAll(loaderOf({ dataset: short }).epoch())).rejects.toThrow(/inputs of numbers should be \[3,2\], 6/);
  for (const batch of [-1, 1.5, Number.NaN, 4, '1' as unknown as number]) {
    expect(() => loaderOf().importState({ epoch: 0, batch, sampler: null })).toThrow(DataError);
    expect(() => loaderOf().importState({ epoch: batch === 4 ? -2 : batch, batch: 0, sampler: null })).toThrow(
      DataError,
    );
    await expect(takeAll(loaderOf().epoch(batch))).rejects.toThrow(OptionError);
  }
});

test('hands out inputs of several parts as tensors by their names, and names a part that is missing', async () => {
  const shape = { index: [], doubled: [2] };
  const read = async (indices: ArrayLike<number>): Promise<Record<string, Float32Array>> => ({
    index: Float32Array.from(indices),
    doubled: Float32Array.from(Array.from(indices).flatMap((index) => [index, 2 * index])),
  });
  const options = { sampler: new SequentialSampler(7), batchSize: 4 };
  const parts: InputParts = { length: 7, shape, read };
  const loader = new BatchLoader({ dataset: { ...numbers(), inputs: parts }, ...options });
  for await (const { inputs, labels, known, indices } of loader.epoch()) {
    expect(inputs.index.arraySync()).toEqual(indices);
    expect(inputs.doubled.arraySync()).toEqual(indices.map((index) => [index, 2 * index]));
    tf.dispose([inputs, labels, known]);
  }
  const short: InputParts = { ...parts, read: async (indices) => ({ index: (await read(indices)).index }) };
  const broken = new BatchLoader({ dataset: { ...numbers(), inputs: short }, ...options });
  await expect(broken.epoch().next()).rejects.toThrow(/inputs.doubled of numbers should be \[4,2\], 8 .*got nothing/);
});

/** Images of 4 × 6 pixels, each of the level of its index, whose labels are all known. */
function images(): LabelledInputs {
  const { labels, ...rest } = numbers();
  const { known: _, ...complete } = denseLabels(labels);
  return {
    ...rest,
    labels: complete,
    inputs: {
      length: 7,
      shape: [4, 6, 3],
      read: async (indices) =>
        Float32Array.from({ length: indices.length * 72 }, (_, at) => indices[Math.floor(at / 72)]),
    },
  };
}

test.each([
  ['mixup', mixup({ alpha: 1 })],
  ['cutmix', cutmix()],
])('%s mixes the images of a batch with their labels, and the rest of an epoch comes back', async (_, mix) => {
  const mixed = (): BatchLoader =>
    new BatchLoader({
      dataset: images(),
      sampler: new UniformSampler({ length: 7, random: new RandomStream(2) }),
      ...{ batchSize: 3, random: new RandomStreams(1), mix },
    });
  const take = ({ inputs, labels, known, indices }: LoadedBatch) => {
    const values = [inputs, labels, known].map((tensor) => Array.from(tensor.dataSync()));
    tf.dispose([inputs, labels, known]);
    return [indices, ...values];
  };
  const [whole, begun, resumed] = [mixed(), mixed(), mixed()];
  const all = [];
  for (let epoch = 0; epoch < 2; epoch++) for await (const batch of whole.epoch()) all.push(take(batch));
  const labels = all.flatMap(([, , values]) => values);
  expect(labels.some((label) => label > 0 && label < 1)).toBe(true);
  expect(all[0]).not.toEqual(all[3]);
  const parts = [];
  for await (const batch of begun.epoch()) {
    parts.push(take(batch));
    if (parts.length < 2) continue;
    resumed.importState(begun.exportState());
    break;
  }
  for (let epoch = 0; epoch < 2; epoch++) for await (const batch of resumed.epoch()) parts.push(take(batch));
  expect(parts).toEqual(all);
});

test('images that are left out change no draw of the others', async () => {
  const { inputs, ...rest } = images();
  const dataset = {
    ...rest,
    inputs: {
      ...inputs,
      read: async (indices: ArrayLike<number>) => {
        if (Array.from(indices).includes(1)) throw new Error('bad bytes');
        return inputs.read(indices);
      },
    },
  };
  const seen: number[] = [];
  const mix: Mix = (batch, streamOf) => {
    for (let row = 0; row < batch.rows; row++) seen.push(streamOf(row).uniform());
    return batch;
  };
  const random = new RandomStreams(1);
  await takeAll(loaderOf({ dataset, random, mix, onBroken: 'skip' }).epoch());
  expect(seen).toEqual([0, 2, 3, 4, 5, 6].map((place) => random.derive('mix', 0, place).uniform()));
});

test('mixes images alone, and only with streams to draw from', () => {
  const random = new RandomStreams(1);
  expect(() => loaderOf({ mix: mixup(), random })).toThrow(/options\.mix should be left out, unless inputs are images/);
  expect(() => loaderOf({ dataset: images(), mix: mixup() })).toThrow(/options\.random should be given/);
  const parts = { ...numbers(), inputs: { length: 7, shape: { query: [2, 2, 3] }, read: async () => ({}) } };
  expect(
    () => new BatchLoader({ dataset: parts, sampler: new SequentialSampler(7), batchSize: 2, random, mix: mixup() }),
  ).toThrow(/got inputs query/);
});
