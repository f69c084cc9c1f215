import { copiedTensor, copyableValues, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { BatchLoader, cutmix, type InputSource, type Mix, SequentialSampler, subset } from '../src/index.ts';
import { SpareMemory } from '../src/spare-memory.ts';

test('keeps a few arrays of the last size', () => {
  const spare = new SpareMemory(2);
  const [a, b, c] = [3, 3, 3].map((length) => spare.take(length));
  expect(new Set([a, b, c]).size).toBe(3);
  for (const each of [a, b, c]) spare.give(each);
  expect(new Set([spare.take(3), spare.take(3)])).toEqual(new Set([b, c]));
  expect([a, b, c]).not.toContain(spare.take(3));
  spare.give(a);
  const small = spare.take(2);
  spare.give(small);
  expect(spare.take(3)).not.toBe(a);
  expect(spare.take(2)).toBe(small);
});

test('memory of others is not kept, and a reader that ignores memory gets no more', async () => {
  const spare = new SpareMemory(2);
  const other = new Float32Array(3);
  spare.give(other);
  expect(spare.take(3)).not.toBe(other);
  const given: (Float32Array | undefined)[] = [];
  const read = (result?: Float32Array) =>
    spare.read(3, async (into) => {
      given.push(into);
      return result ?? (into as Float32Array);
    });
  const values = await read();
  expect([values, await read(other), await read(other)]).toEqual([given[0], other, other]);
  expect(given.map((each) => each?.length)).toEqual([3, 3, undefined]);
});

const side = 4;
const size = side * side * 3;

/** Images whose values all are their index. It reads as a pool of workers does. */
function images(length: number) {
  const buffers = new Set<ArrayBufferLike>();
  const inputs: InputSource = {
    length,
    shape: [side, side, 3],
    async read(indices, _, into) {
      const values = into ?? new Float32Array(indices.length * size);
      expect(values).toHaveLength(indices.length * size);
      // As long as anything, since batches are read at once.
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (const [row, index] of Array.from(indices).entries()) values.fill(index, row * size, (row + 1) * size);
      buffers.add(values.buffer);
      return values;
    },
  };
  const labels = { rows: length, columns: 1, present: new Uint8Array(length).fill(1) };
  return { dataset: { name: 'images', classes: ['only'], labels, inputs }, buffers };
}

const probe = copiedTensor(copyableValues(1), [1]);
/** Whether the engine has its own copy of a tensor. */
const copies = probe !== undefined;
probe?.dispose();

const same: Mix = (batch) => ({ ...batch });

test.each<{ readonly mix?: Mix; readonly most: number }>([
  { most: 3 },
  { mix: cutmix({ probability: 0 }), most: 4 },
  { mix: same, most: 3 },
])('the memory of batches is used again, and their tensors keep their values: %o', async ({ mix, most }) => {
  const { dataset, buffers } = images(41);
  const half = subset(
    dataset,
    Int32Array.from({ length: 41 }, (_, i) => 40 - i),
    'backwards',
  );
  const sampler = new SequentialSampler(41);
  const random = new RandomStreams(1);
  const loader = new BatchLoader({ dataset: half, sampler, batchSize: 2, random, ...(mix && { mix }) });
  const kept: tf.Tensor[] = [];
  for await (const { inputs, labels, known } of loader.epoch()) {
    kept.push(inputs);
    tf.dispose([labels, known]);
  }
  const found = tf.concat(kept).slice([0, 0, 0, 0], [-1, 1, 1, 1]).dataSync();
  expect(Array.from(found)).toEqual(Array.from({ length: 41 }, (_, i) => 40 - i));
  for (const [i, tensor] of kept.entries()) expect(new Set(tensor.dataSync()).size, `${i}`).toBe(i === 20 ? 1 : 2);
  // The last batch is smaller.
  if (copies) expect(buffers.size).toBeLessThanOrEqual(most + 1);
  tf.dispose(kept);
});

test('a rank that reads its share of each batch, and one that skips broken images, get their own values', async () => {
  const { dataset } = images(24);
  for (const onBroken of ['throw', 'skip'] as const) {
    const shares: number[] = [];
    const loader = new BatchLoader({ dataset, sampler: new SequentialSampler(24), batchSize: 3, onBroken });
    const kept: tf.Tensor[] = [];
    for await (const { inputs, labels, known } of loader.epoch(0, { rank: 1, size: 2 })) {
      kept.push(inputs);
      tf.dispose([labels, known]);
    }
    for (const tensor of kept) shares.push(...new Set(tensor.dataSync()));
    tf.dispose(kept);
    expect(shares).toEqual([2, 5, 8, 11, 14, 17, 20, 23]);
  }
});

test.each(['throw', 'skip'] as const)('arrays that a source keeps do not change: %s', async (onBroken) => {
  const { dataset } = images(20);
  const whole = await dataset.inputs.read(Array.from({ length: 20 }, (_, i) => i));
  const stored = copyableValues(whole.length);
  stored.set(whole);
  const kept = new Map<number, Float32Array>();
  const sources: InputSource[] = [
    { ...dataset.inputs, read: async ({ 0: first }) => stored.subarray(first * size, (first + 2) * size) },
    {
      ...dataset.inputs,
      async read(indices) {
        const values = kept.get(indices[0]) ?? (await dataset.inputs.read(indices));
        kept.set(indices[0], values);
        return values;
      },
    },
  ];
  for (const inputs of sources) {
    for (const mix of [undefined, cutmix()]) {
      const sampler = new SequentialSampler(20);
      const options = { sampler, batchSize: 2, random: new RandomStreams(1), onBroken, ...(mix && { mix }) };
      const loader = new BatchLoader({ dataset: { ...dataset, inputs }, ...options });
      for (let epoch = 0; epoch < 3; epoch++) {
        for await (const { inputs, labels, known } of loader.epoch()) tf.dispose([inputs, labels, known]);
      }
    }
  }
  expect(stored).toEqual(whole);
  for (const [first, values] of kept) expect(values).toEqual(whole.subarray(first * size, (first + 2) * size));
});
