import type { Dataset } from '@ltml/data';
import { expect, it } from 'vitest';
import { crossValidationFolds } from '../src/quality/folds.ts';

/** Ten images, the last class rare; the input of image i is i. */
const dataset: Dataset = {
  name: 'toy',
  classes: ['common', 'rare'],
  labels: {
    rows: 10,
    columns: 2,
    present: Uint8Array.from({ length: 20 }, (_, at) => Number(at % 2 === 0 || at > 14)),
  },
  inputs: { length: 10, shape: [1], read: async (indices) => Float32Array.from(indices) },
};

it('holds every image out once and trains on all others', async () => {
  const heldOut: number[] = [];
  for (const fold of crossValidationFolds(dataset, 3)) {
    const read = (part: Dataset): Promise<Float32Array> => part.inputs.read([...Array(part.inputs.length).keys()]);
    const [train, held] = [await read(fold.train), await read(fold.heldOut)];
    expect([...train, ...held].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    heldOut.push(...held);
  }
  expect(heldOut.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it('keeps labels with their images, and the rare class in every part', async () => {
  for (const { train, heldOut } of crossValidationFolds(dataset, 3)) {
    for (const part of [train, heldOut]) {
      const { rows, present } = part.labels;
      const images = await part.inputs.read([...Array(rows).keys()]);
      const rare = Array.from(images, (image) => Number(image > 6));
      expect(Array.from({ length: rows }, (_, row) => present[row * 2 + 1])).toEqual(rare);
      expect(rare).toContain(1);
    }
  }
});
