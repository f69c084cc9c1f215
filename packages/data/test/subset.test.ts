import { DataError } from '@ltml/tensor';
import { expect, test } from 'vitest';
import type { LabelledInputs } from '../src/labelled-inputs.ts';
import { denseLabels } from '../src/sparse-labels.ts';
import { subset, subsetOfLabels } from '../src/subset.ts';

const dataset: LabelledInputs = {
  name: 'all',
  classes: ['a', 'b'],
  labels: { rows: 3, columns: 2, present: Uint8Array.of(1, 0, 0, 1, 1, 1), known: Uint8Array.of(1, 1, 0, 1, 1, 0) },
  inputs: { length: 3, shape: [1], read: async (indices) => Float32Array.from(indices, (index) => index * 10) },
};

test('image i is images[i] of the whole, with its labels', async () => {
  const part = subset(dataset, [2, 0], 'part');
  expect(part.name).toBe('part');
  expect(part.classes).toEqual(['a', 'b']);
  expect(part.inputs.length).toBe(2);
  expect(part.labels).toEqual({
    rows: 2,
    columns: 2,
    present: Uint8Array.of(1, 1, 1, 0),
    known: Uint8Array.of(1, 0, 1, 1),
  });
  expect(await part.inputs.read([1, 0])).toEqual(Float32Array.of(0, 20));
});

test('no images, and labels that are all known', () => {
  const { known: _, ...labels } = denseLabels(dataset.labels);
  expect(subsetOfLabels(labels, [])).toEqual({ rows: 0, columns: 2, present: new Uint8Array(0) });
});

test('refuses images that are not there', () => {
  for (const image of [3, -1, 0.5, Number.NaN]) {
    expect(() => subset(dataset, [0, image], 'part')).toThrow(DataError);
    expect(() => subset(dataset, [0, image], 'part')).toThrow(/images\[1\] should be an index below 3/);
  }
});
