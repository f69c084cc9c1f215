import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MersenneTwister } from '@ltml/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishedDataSet, readPublishedSet } from '../../src/node/index.ts';
import { numpyShuffle } from '../../src/numpy-shuffle.ts';
import { cifar100LtCounts } from '../../src/sets/cifar-100-lt.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ltml-cifar-'));
  mkdirSync(join(root, 'cifar-100-binary'));
});
afterEach(() => rmSync(root, { recursive: true }));

const names = Array.from({ length: 100 }, (_, c) => `class ${String(c).padStart(2, '0')}`);

/** Records of classes in turn; red says which one it is, and the last blue value is 7. */
function write(split: 'train' | 'test', count: number): void {
  const bytes = Buffer.alloc(count * 3074);
  for (let i = 0; i < count; i++) {
    bytes.set([3, i % 100], i * 3074);
    bytes.fill(i % 251, i * 3074 + 2, i * 3074 + 2 + 1024);
    bytes[i * 3074 + 3073] = 7;
  }
  writeFileSync(join(root, 'cifar-100-binary', `${split}.bin`), bytes);
  writeFileSync(join(root, 'cifar-100-binary', 'fine_label_names.txt'), `${names.join('\n')}\n\n`);
}

it('shuffles as NumPy does', () => {
  const random = new MersenneTwister(0);
  const [ten, many] = [10, 500].map((n) => Int32Array.from({ length: n }, (_, i) => i));
  numpyShuffle(random, ten);
  numpyShuffle(random, many);
  // numpy.random.seed(0); shuffle(arange(10)); shuffle(arange(500)); random_sample()
  expect([...ten]).toEqual([2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
  expect([...many.subarray(0, 12)]).toEqual([283, 100, 37, 46, 374, 90, 238, 15, 250, 233, 220, 225]);
  expect(random.uniform()).toBe(0.518835148831526);
});

it.each([
  [10, 19573, 50],
  [50, 12608, 10],
  [100, 10847, 5],
  [200, 9502, 2],
])('an exponential tail of ratio %i has %i images, %i of the last class', (imbalance, images, last) => {
  const counts = cifar100LtCounts({ imbalance, kind: 'exponential' }, 100);
  expect([counts[0], counts.reduce((sum, count) => sum + count, 0), counts[99]]).toEqual([500, images, last]);
});

it('a step has two sizes', () => {
  const counts = cifar100LtCounts({ imbalance: 100, kind: 'step' }, 100);
  expect([counts[0], counts[49], counts[50], counts[99]]).toEqual([500, 500, 5, 5]);
});

describe('readPublishedSet', () => {
  it('draws of each class in turn, as the released code does', async () => {
    write('train', 2000);
    const { splits } = await readPublishedSet('cifar-100-lt', { root, splits: ['train'], options: { imbalance: 500 } });
    const { labels, pictures } = splits.train;
    // Each class has 20 images here; those that should have more have all of them.
    const classes = Array.from({ length: labels.rows }, (_, i) => labels.row(i).present[0]);
    expect(classes).toEqual([...classes].sort((a, b) => a - b));
    expect(classes.filter((c) => c === 99)).toHaveLength(1);
    // The first class is shuffled first.
    const random = new MersenneTwister(0);
    const first = Int32Array.from({ length: 20 }, (_, i) => i * 100);
    numpyShuffle(random, first);
    expect(Array.from(first, (_, i) => pictures.key(i))).toEqual(Array.from(first, (i) => `train/${i}`));
  });

  it('gives pictures from planes of colours', async () => {
    write('train', 100);
    write('test', 100);
    const { splits } = await publishedDataSet('cifar-100-lt', { root, options: { imbalance: 1 } });
    const picture = await splits.test?.pictures.read(42);
    const { height, width, pixels } = picture ?? { height: 0, width: 0, pixels: new Uint8Array() };
    expect([height, width, pixels.length]).toEqual([32, 32, 3072]);
    expect([...pixels.subarray(0, 3), ...pixels.subarray(-3)]).toEqual([42, 0, 0, 42, 0, 7]);
    expect(splits.train.labels.rows).toBe(100);
    expect(splits.train.pictures.size).toEqual({ height: 32, width: 32 });
  });

  it('refuses files of another size, and labels that are none', async () => {
    write('train', 100);
    const path = join(root, 'cifar-100-binary/train.bin');
    writeFileSync(path, Buffer.alloc(3073));
    const read = () => readPublishedSet('cifar-100-lt', { root, splits: ['train'] });
    await expect(read()).rejects.toThrow(/train.bin, should be complete records of 3074 bytes, got 3073 bytes/);
    writeFileSync(path, Buffer.alloc(3074, 200));
    await expect(read()).rejects.toThrow(/train.bin, record 0, should be a label below 100, got 200/);
    rmSync(path);
    await expect(read()).rejects.toThrow(/train.bin should be a file that can be read, got no such file/);
  });
});
