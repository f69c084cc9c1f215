import { DataError } from '@ltml/tensor';
import { sparseOf } from '@ltml/tensor/labels';
import { describe, expect, it } from 'vitest';
import { denseLabels, sparseLabels, subsetOfSparseLabels } from '../src/sparse-labels.ts';

const none = Int32Array.of();

describe('labels by row', () => {
  it('say present, absent and unknown', () => {
    const labels = sparseLabels(
      [
        { present: Int32Array.of(0, 2), absent: 'rest' },
        { present: Int32Array.of(1), absent: Int32Array.of(2) },
        { present: none, absent: none },
      ],
      3,
    );
    const { present, known } = denseLabels(labels);
    expect([...present]).toEqual([1, 0, 1, 0, 1, 0, 0, 0, 0]);
    expect([...(known as Uint8Array)]).toEqual([1, 1, 1, 0, 1, 1, 0, 0, 0]);
    const back = sparseOf(denseLabels(labels));
    for (const row of [0, 1, 2]) expect(back.row(row)).toEqual(labels.row(row));
    expect([...denseLabels(subsetOfSparseLabels(labels, [2, 0])).present]).toEqual([0, 0, 0, 1, 0, 1]);
  });

  it('need no array of what is known where all is', () => {
    const row = { present: Int32Array.of(0), absent: Int32Array.of(1) };
    expect(denseLabels(sparseLabels([row], 2))).toEqual({ rows: 1, columns: 2, present: Uint8Array.of(1, 0) });
    expect(denseLabels(sparseLabels([], 2)).present).toHaveLength(0);
  });

  it('are refused where they contradict themselves or name no class', () => {
    const both = { present: Int32Array.of(1), absent: Int32Array.of(1) };
    expect(() => sparseLabels([both], 2)).toThrow(/rows\[0\] should be each class present or absent/);
    expect(() => sparseLabels([{ present: Int32Array.of(2), absent: 'rest' }], 2)).toThrow(DataError);
    expect(() => subsetOfSparseLabels(sparseLabels([both].slice(1), 2), [0])).toThrow(DataError);
  });
});
