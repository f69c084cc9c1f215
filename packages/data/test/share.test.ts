import { OptionError, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BatchLoader } from '../src/loader.ts';
import type { BatchLoaderOptions } from '../src/loader-options.ts';
import { mixup } from '../src/mix/mixup.ts';
import { SequentialSampler } from '../src/sequential-sampler.ts';
import { shareOf } from '../src/share.ts';

test('the shares of the ranks are the whole, one after the other, and as large as each other up to one', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer({ min: 1, max: 40 }), (images, size) => {
      const shares = Array.from({ length: size }, (_, rank) => shareOf(images, { rank, size }));
      const sizes = shares.map(({ start, end }) => end - start);
      expect(shares.map(({ start }) => start)).toEqual([0, ...shares.slice(0, -1).map(({ end }) => end)]);
      expect(shares.at(-1)?.end).toBe(images);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(shares[0].end > 0).toBe(images > 0);
    }),
  );
  expect(() => shareOf(-1, { rank: 0, size: 1 })).toThrow(OptionError);
  expect(() => shareOf(1, { rank: 1, size: 1 })).toThrow(OptionError);
  expect(() => shareOf(1, { rank: 0, size: 0 })).toThrow(OptionError);
});

/** Seven images of 1 × 1 × 3: their index, a draw of their augmentation, and the rows that were read with them. */
function loaderOf(options: Partial<BatchLoaderOptions>, read: number[] = []): BatchLoader {
  const present = Uint8Array.from({ length: 14 }, (_, i) => i % 2);
  return new BatchLoader({
    dataset: {
      name: 'seven',
      classes: ['a', 'b'],
      labels: { rows: 7, columns: 2, present },
      inputs: {
        length: 7,
        shape: [1, 1, 3],
        read: async (indices, streams) => {
          read.push(...Array.from(indices));
          return Float32Array.from(
            Array.from(indices).flatMap((index, row) => [index, streams?.(row).uniform() ?? 0, index ** 2]),
          );
        },
      },
    },
    sampler: new SequentialSampler(7),
    batchSize: 5,
    random: new RandomStreams(3),
    ...options,
  });
}

async function take(loader: BatchLoader, ranks?: { rank: number; size: number }) {
  const batches = [];
  for await (const { inputs, labels, known, indices } of loader.epoch(undefined, ranks)) {
    batches.push({ rows: (await inputs.array()) as number[][][][], labels: await labels.array(), indices });
    tf.dispose([inputs, labels, known]);
  }
  return batches;
}

test.each([
  ['plain', {}],
  ['mixed', { mix: mixup() }],
  ['where broken images are left out', { onBroken: 'skip' }],
] as const)('ranks share the very batches of one, %s', async (_, options) => {
  const whole = await take(loaderOf(options));
  const read: number[][] = [[], []];
  const parts = await Promise.all([0, 1].map((rank) => take(loaderOf(options, read[rank]), { rank, size: 2 })));
  for (const [b, { rows, labels, indices }] of whole.entries()) {
    expect(parts.flatMap((part) => part[b].rows)).toEqual(rows);
    for (const part of parts) expect(part[b]).toMatchObject({ labels, indices });
  }
  // A rank reads nothing but its share, unless it has to.
  if (Object.keys(options).length === 0)
    expect(read).toEqual([
      [0, 1, 2, 5],
      [3, 4, 6],
    ]);
});

test('a rank without a share stands by with the first image', async () => {
  const [, last] = await take(loaderOf({ batchSize: 6 }), { rank: 1, size: 3 });
  expect(last).toMatchObject({ rows: [[[[6, expect.any(Number), 36]]]], indices: [6] });
});
