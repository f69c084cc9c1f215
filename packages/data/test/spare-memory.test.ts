import { copiedTensor, copyableValues, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { BatchLoader, cutmix, type InputSource, type Mix, SequentialSampler, subset } from '../src/index.ts';
import { SpareMemory } from '../src/spare-memory.ts';

test('keeps a few arrays of the last size', () => {
  const spare = new SpareMemory(2);
  const [a, b, c, small] = [3, 3, 3, 2].map((length) => new Float32Array(length));
  expect(spare.take(3)).toBeUndefined();
  for (const each of [a, b, c]) spare.give(each);
  expect([spare.take(2), new Set([spare.take(3), spare.take(3)]), spare.take(3)]).toEqual([
    undefined,
    new Set([b, c]),
    undefined,
  ]);
  spare.give(a);
  spare.give(small);
  expect([spare.take(3), spare.take(2), spare.take(2)]).toEqual([undefined, small, undefined]);
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
      const values = into?.length === indices.length * size ? into : copyableValues(indices.length * size);
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
