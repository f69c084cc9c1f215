import { RandomStream, RandomStreams } from '@ltml/tensor';
import { classStatistics, type LabelRow, sparseOf } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  BatchLoader,
  ClassAwareSampler,
  dealSplits,
  denseLabels,
  digitsLtSet,
  indexByClass,
  type LabelledInputs,
  sparseLabels,
  stratifiedSplit,
  subset,
  subsetOfSparseLabels,
} from '../src/index.ts';

afterEach(() => vi.unstubAllGlobals());

/** Lets no array be made of a byte or more for every image and class. */
function refuseDense(entries: number): void {
  for (const name of ['Uint8Array', 'Int32Array', 'Float32Array'] as const) {
    const Whole = globalThis[name] as new (...given: never[]) => { length: number };
    class Bounded extends Whole {
      constructor(...given: never[]) {
        if (typeof given[0] === 'number' && given[0] >= entries) throw new Error(`${name} of ${given[0]} entries`);
        super(...given);
      }
    }
    vi.stubGlobal(name, Bounded);
  }
}

const inputs = (length: number): LabelledInputs['inputs'] => ({
  length,
  shape: [1],
  read: async (indices) => Float32Array.from(indices),
});

async function firstBatch(dataset: LabelledInputs, sampler: ClassAwareSampler) {
  const loader = new BatchLoader({ dataset, sampler, batchSize: 8 });
  for await (const { inputs: x, labels, known, indices } of loader.epoch()) {
    const values = [labels, known].map((tensor) => [...tensor.dataSync()]);
    tf.dispose([x, labels, known]);
    return { values, indices };
  }
  return undefined;
}

describe('labels of many images and classes', () => {
  it('are counted, split, sampled and loaded without a number for each image and class', async () => {
    const [rows, columns] = [100_000, 8_000];
    const random = new RandomStream(1);
    const list = Array.from({ length: rows }, (): LabelRow => {
      // Few classes are frequent, as in a long tail.
      const classes = [random.uniform(), random.uniform()].map((u) => Math.floor(columns * u * u));
      return { present: Int32Array.from(new Set(classes)).sort(), absent: 'rest' };
    });
    const labels = sparseLabels(list, columns);
    refuseDense(rows * columns);
    const { classCounts } = classStatistics(labels);
    const total = list.reduce((sum, { present }) => sum + present.length, 0);
    expect(classCounts.reduce((sum, count) => sum + count, 0)).toBe(total);
    const ofClass = indexByClass(labels);
    expect(ofClass.map(({ length }) => length)).toEqual(classCounts);
    const { train, heldOut } = stratifiedSplit(labels, { share: 0.1, random: new RandomStream(2) });
    expect(train.length + heldOut.length).toBe(rows);
    expect(heldOut.length / rows).toBeCloseTo(0.1, 2);
    const dataset = { name: 'many', classes: classCounts.map(String), labels, inputs: inputs(rows) };
    const part = subset(dataset, train, 'many/train');
    const sampler = new ClassAwareSampler({ indexByClass: indexByClass(part.labels), random: new RandomStream(3) });
    const batch = await firstBatch(part, sampler);
    for (const [i, index] of (batch?.indices ?? []).entries()) {
      const row = batch?.values[0].slice(i * columns, (i + 1) * columns) ?? [];
      expect(row.flatMap((label, c) => (label === 1 ? [c] : []))).toEqual([...list[train[index]].present]);
    }
    expect(batch?.values[1].every((mark) => mark === 1)).toBe(true);
  }, 60_000);

  it.each([undefined, 0.4])('are the same as dense ones (share of known labels: %s)', async (proportion) => {
    const set = await digitsLtSet(proportion === undefined ? {} : { knownLabels: { proportion } });
    const { labels } = set.splits.train;
    const dense = denseLabels(labels);
    expect(classStatistics(labels)).toEqual(classStatistics(dense));
    expect(classStatistics(labels).cooccurrence).toEqual(classStatistics(dense).cooccurrence);
    expect(indexByClass(labels)).toEqual(indexByClass(dense));
    const split = (given: typeof labels | typeof dense) =>
      stratifiedSplit(given, { share: 0.15, random: new RandomStreams(1).stream('validation') });
    expect(split(labels)).toEqual(split(dense));
    const deal = (given: typeof labels | typeof dense) => dealSplits(given, { test: 0.2 }, { rest: 'train' });
    expect(deal(labels)).toEqual(deal(dense));
    const batch = (given: typeof labels | typeof dense) => {
      const dataset = { name: 'digits', classes: [], labels: given, inputs: inputs(given.rows) };
      return firstBatch(
        dataset,
        new ClassAwareSampler({ indexByClass: indexByClass(given), random: new RandomStream(1) }),
      );
    };
    expect(await batch(labels)).toEqual(await batch(dense));
    const chosen = [5, 0, 5];
    expect(denseLabels(subsetOfSparseLabels(sparseOf(dense), chosen)).present).toEqual(
      denseLabels(subsetOfSparseLabels(labels, chosen)).present,
    );
  });
});
