import { OptionError } from '@ltml/tensor';
import { sparseOf } from '@ltml/tensor/labels';
import { beforeAll, describe, expect, it } from 'vitest';
import { dealFolds, dealSplits } from '../src/deal-splits.ts';
import { digitsLt, summarizeLabels } from '../src/index.ts';

let labels: Awaited<ReturnType<typeof digitsLt>>['train']['labels'];
beforeAll(async () => {
  labels = (await digitsLt()).train.labels;
});

const positivesOf = (c: number, test: (row: number) => boolean): number => {
  return Array.from({ length: labels.rows }, (_, row) => row).filter(
    (row) => labels.present[row * 20 + c] === 1 && test(row),
  ).length;
};

describe('images are dealt', () => {
  it('to splits of their shares, each class as well', () => {
    const names = dealSplits(labels, { test: 0.2, validation: 0.1 }, { rest: 'train', seed: 3 });
    expect(names).toEqual(dealSplits(labels, { test: 0.2, validation: 0.1 }, { rest: 'train', seed: 3 }));
    const count = (name: string) => names.filter((other) => other === name).length;
    expect(Math.abs(count('test') - 0.2 * 1142)).toBeLessThan(0.02 * 1142);
    expect(Math.abs(count('validation') - 0.1 * 1142)).toBeLessThan(0.02 * 1142);
    for (const c of Array.from({ length: 20 }, (_, i) => i)) {
      const all = positivesOf(c, () => true);
      expect(Math.abs(positivesOf(c, (row) => names[row] === 'test') - 0.2 * all)).toBeLessThan(0.06 * all + 2);
      expect(positivesOf(c, (row) => names[row] === 'train')).toBeGreaterThan(0);
    }
  });

  it('to folds that have every class evenly', () => {
    const folds = dealFolds(labels, 4);
    for (const c of Array.from({ length: 20 }, (_, i) => i)) {
      const all = positivesOf(c, () => true);
      for (const fold of [0, 1, 2, 3]) {
        expect(Math.abs(positivesOf(c, (row) => folds[row] === fold) - all / 4)).toBeLessThan(0.06 * all + 2.5);
      }
    }
  });

  it('not where shares or folds are none', () => {
    expect(() => dealSplits(labels, { test: 0.6, validation: 0.4 }, { rest: 'train' })).toThrow(OptionError);
    expect(() => dealSplits(labels, { test: 0 }, { rest: 'train' })).toThrow(OptionError);
    expect(() => dealFolds(labels, 1)).toThrow(OptionError);
    expect(dealSplits({ rows: 0, columns: 2, present: new Uint8Array() }, { test: 0.5 }, { rest: 'train' })).toEqual(
      [],
    );
  });
});

it('labels are counted by class, by image and by pair', () => {
  const known = Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 0);
  const summary = summarizeLabels(
    sparseOf({ rows: 3, columns: 3, present: Uint8Array.of(1, 1, 0, 1, 0, 0, 0, 1, 0), known }),
  );
  expect([...summary.positives]).toEqual([2, 2, 0]);
  expect([...summary.negatives]).toEqual([1, 0, 2]);
  expect(summary.labelsPerImage).toEqual([0, 2, 1]);
  expect(summary.pairs).toEqual([{ classes: [0, 1], images: 1 }]);
});
