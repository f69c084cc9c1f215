import { RandomStream, RandomStreams } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { randomTensor } from '../../tensor/test/support.ts';
import { classPrototypes, kMeans, lloyd } from '../src/index.ts';
import { lloydFromAll } from '../src/prototypes/lloyd.ts';
import { Reservoir } from '../src/prototypes/reservoir.ts';
import { expectNoLeak } from './support.ts';

/** Lloyd in doubles, by the rules of the documentation; no centre loses all its points here. */
function lloydOracle(points: number[][], start: number[][], tolerance: number) {
  const D = points[0].length;
  const mean = (rows: number[][]): number[] =>
    rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length);
  const distance = (a: number[], b: number[]): number => a.reduce((sum, value, d) => sum + (value - b[d]) ** 2, 0);
  const centre = mean(points);
  const threshold = (tolerance * points.reduce((sum, point) => sum + distance(point, centre), 0)) / points.length / D;
  const nearest = (centers: number[][]): number[] =>
    points.map((point) => {
      const distances = centers.map((candidate) => distance(point, candidate));
      return distances.indexOf(Math.min(...distances));
    });
  let centers = start;
  let labels: number[] = [];
  for (let iteration = 0; iteration < 300; iteration++) {
    const next = nearest(centers);
    const moved = centers.map((_, k) => mean(points.filter((_, i) => next[i] === k)));
    const shift = moved.reduce((sum, row, k) => sum + distance(row, centers[k]), 0);
    const repeated = next.join() === labels.join();
    centers = moved;
    labels = next;
    if (repeated || shift <= threshold) break;
  }
  labels = nearest(centers);
  return { centers, labels, inertia: points.reduce((sum, point, i) => sum + distance(point, centers[labels[i]]), 0) };
}

const rowsOf = (x: tf.Tensor2D): number[][] => x.arraySync();

describe('lloyd', () => {
  for (const seed of [1, 2, 3]) {
    it(`is its definition, seed ${seed}`, async () => {
      const points = tf.add<tf.Tensor2D>(randomTensor([60, 3], seed), 50);
      const start = tf.slice(points, [0, 0], [4, 3]);
      const expected = lloydOracle(rowsOf(points), rowsOf(start), 1e-4);
      const { centers, labels, inertia } = await lloyd(points, start);
      expectClose(centers.dataSync(), expected.centers.flat());
      expect([...labels]).toEqual(expected.labels);
      expectClose([inertia], [expected.inertia]);
    });
  }

  it('gives a centre without points the point farthest from its own', async () => {
    const points = tf.tensor2d([[0], [1], [2], [10]]);
    const start = tf.tensor2d([[0], [-100]]);
    const { centers, labels, inertia } = await lloyd(points, start);
    expectClose(centers.dataSync(), [1, 10]);
    expect([...labels]).toEqual([0, 0, 0, 1]);
    expectClose([inertia], [2]);
  });
});

describe('lloydFromAll', () => {
  it('gives for each start what it gives alone, though some are done before others', async () => {
    const points = randomTensor<tf.Tensor2D>([80, 3], 4);
    // The last loses a centre's points at once.
    const starts = [0, 20, 40].map((from) => tf.slice(points, [from, 0], [5, 3]));
    starts.push(tf.concat([tf.slice(points, [7, 0], [4, 3]), tf.fill([1, 3], 100)]));
    const together = await lloydFromAll(points, tf.stack(starts) as tf.Tensor3D, {});
    for (const [r, start] of starts.entries()) {
      const alone = await lloyd(points, start);
      expectClose(together[r].centers.dataSync(), alone.centers.dataSync());
      expect([...together[r].labels]).toEqual([...alone.labels]);
      expectClose([together[r].inertia], [alone.inertia]);
      expect(together[r].iterations).toBe(alone.iterations);
    }
    expect(new Set(together.map(({ iterations }) => iterations)).size).toBeGreaterThan(1);
    const [stopped] = await lloydFromAll(points, tf.stack(starts) as tf.Tensor3D, { maxIterations: 2 });
    expect(stopped.iterations).toBe(2);
  });
});

describe('kMeans', () => {
  it('finds separated clusters, whatever their number', async () => {
    const sites = [-20, 0, 20, 40];
    const near = sites.map((site, i) => tf.add<tf.Tensor2D>(tf.mul(randomTensor<tf.Tensor2D>([8, 2], i), 0.1), site));
    const points = tf.concat2d(near, 0);
    const { centers, inertia } = await kMeans(points, { clusters: 4, random: new RandomStream(1) });
    const found = rowsOf(centers).sort((a, b) => a[0] - b[0]);
    expectClose(
      found.flat(),
      sites.flatMap((site) => [site, site]),
      { relative: 0, absolute: 0.2 },
    );
    expect(inertia).toBeLessThan(2);
  });

  it('has each point as a centre where there are as many, also of equal points', async () => {
    const points = tf.tensor2d([[1], [1], [5]]);
    const { centers } = await kMeans(points, { clusters: 3, random: new RandomStream(1) });
    expect([...centers.dataSync()].sort()).toEqual([1, 1, 5]);
  });

  it('refuses more clusters than points, and leaves no tensor behind but its centres', async () => {
    const points = randomTensor<tf.Tensor2D>([20, 2], 1);
    await expect(kMeans(points, { clusters: 21, random: new RandomStream(1) })).rejects.toThrow(/in \[1, 20\]/);
    await expectNoLeak(async () => (await kMeans(points, { clusters: 3, random: new RandomStream(1) })).centers);
  });
});

describe('Reservoir', () => {
  it('keeps all up to its size, then a uniform sample', () => {
    const times = new Float64Array(10);
    for (let seed = 0; seed < 2000; seed++) {
      const reservoir = new Reservoir(4, new RandomStream(seed));
      for (let i = 0; i < 10; i++) reservoir.add(Float32Array.of(i));
      expect(reservoir.size).toBe(4);
      for (const value of reservoir.concatenated()) times[value]++;
    }
    for (const count of times) expect(Math.abs(count / 2000 - 0.4)).toBeLessThan(0.05);
  });
});

describe('classPrototypes', () => {
  const options = { classes: 3, count: 2, samples: null, random: new RandomStreams(1) };
  const batchOf = (values: number[][], labels: number[][], known: number[][]) => ({
    inputs: tf.tensor3d(values.map((row) => row.map((value) => [value]))),
    labels: tf.tensor2d(labels),
    known: tf.tensor2d(known),
  });
  const encode = (x: tf.Tensor): tf.Tensor3D => x as tf.Tensor3D;

  it('clusters what is known to be present, repeats where there is little, and is zero where there is nothing', async () => {
    const batches = [
      batchOf(
        [
          [1, 5, 9],
          [2, 6, 9],
        ],
        [
          [1, 1, 1],
          [1, 0, 1],
        ],
        [
          [1, 1, 0],
          [1, 1, 0],
        ],
      ),
      batchOf(
        [
          [11, 7, 9],
          [12, 8, 9],
        ],
        [
          [1, 1, 1],
          [1, 1, 0],
        ],
        [
          [1, 0, 0],
          [1, 0, 1],
        ],
      ),
    ];
    const { prototypes, counts, features } = await classPrototypes(batches, encode, options);
    expect([...counts]).toEqual([2, 1, 0]);
    expect(features).toBe(1);
    expectClose(
      [...prototypes.subarray(0, 2)].sort((a, b) => a - b),
      [1.5, 11.5],
    );
    expect([...prototypes.subarray(2)]).toEqual([5, 5, 0, 0]);
  });

  it('holds no more features than it is told, and is the same for the same seed', async () => {
    const stream = function* () {
      for (let i = 0; i < 40; i++) yield batchOf([[i, i, i]], [[1, 1, 1]], [[1, 1, 1]]);
    };
    const capped = { ...options, samples: 12, random: new RandomStreams(5) };
    const [first, second] = [
      await classPrototypes(stream(), encode, capped),
      await classPrototypes(stream(), encode, capped),
    ];
    expect(first).toEqual(second);
    const other = await classPrototypes(stream(), encode, { ...capped, round: 1 });
    expect(other.prototypes).not.toEqual(first.prototypes);
  });

  it('disposes of its batches and of all that it makes', async () => {
    await expectNoLeak(async () => {
      await classPrototypes([batchOf([[1, 2, 3]], [[1, 1, 0]], [[1, 1, 1]])], encode, options);
      return [];
    });
  });
});
