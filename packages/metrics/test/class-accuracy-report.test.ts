import { classAccuracyReport } from '@ltml/metrics';
import { DataError } from '@ltml/tensor';
import { expect, it } from 'vitest';

const rows = (columns: number, highest: readonly number[]) => ({
  rows: highest.length,
  columns,
  scores: Float32Array.from(highest.flatMap((c) => Array.from({ length: columns }, (_, k) => Number(k === c)))),
});

it('tells how evenly classes are found, and leaves out one that no image is of', () => {
  const report = classAccuracyReport(rows(4, [0, 0, 1, 1, 2]), [0, 0, 0, 1, 2]);
  expect(report.accuracy).toBeCloseTo(4 / 5);
  expect(report.meanAccuracy).toBeCloseTo((2 / 3 + 1 + 1) / 3);
  // 2·2/(2 + 3), 2·1/(2 + 1), 2·1/(1 + 1)
  expect(report.macroF1).toBeCloseTo((0.8 + 2 / 3 + 1) / 3);
  expect(report.worstAccuracy).toBeCloseTo(2 / 3);
  expect(report.harmonicMean).toBeCloseTo(3 / (1.5 + 1 + 1));
  expect(report.geometricMean).toBeCloseTo((2 / 3) ** (1 / 3));
  expect(Array.from(report.perClass)).toEqual([2 / 3, 1, 1, Number.NaN]);
});

it('has means of a class that is never found, and NaN of no images', () => {
  const report = classAccuracyReport(rows(2, [0, 0]), [0, 1]);
  expect(report).toMatchObject({ worstAccuracy: 0, geometricMean: 0 });
  expect(report.harmonicMean).toBeCloseTo(2e-5, 9);
  const { perClass, ...none } = classAccuracyReport(rows(2, []), []);
  expect(Object.values(none)).toEqual(Array(6).fill(Number.NaN));
  expect(() => classAccuracyReport(rows(2, [0]), [2])).toThrow(DataError);
});
