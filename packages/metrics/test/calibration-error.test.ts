import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import { expect, test } from 'vitest';
import { expectedCalibrationError } from '../src/calibration/calibration-error.ts';
import { classwiseCalibrationError } from '../src/calibration/classwise-calibration-error.ts';
import { top1CalibrationError } from '../src/calibration/top1-calibration-error.ts';
import type { Scores } from '../src/core/scores.ts';
import { column, scoresOf } from './oracle.ts';

/** By the definition: images of each bin are looked up one bin after the other. */
function slowError(probabilities: readonly number[], right: readonly number[], M: number): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  let error = 0;
  for (let bin = 0; bin < M; bin++) {
    const inside = probabilities
      .map((p, i) => ({ p, y: right[i] }))
      .filter(({ p }) => p <= (bin + 1) / M && (bin === 0 || p > bin / M));
    if (inside.length === 0) continue;
    const gap = Math.abs(mean(inside.map(({ y }) => y)) - mean(inside.map(({ p }) => p)));
    error += (inside.length / probabilities.length) * gap;
  }
  return error;
}

function random(rows: number, columns: number): Scores {
  const stream = new RandomStream(5);
  const draw = () => (stream.integer(4) === 0 ? stream.integer(11) / 10 : stream.uniform());
  const table = Array.from({ length: rows }, () => Array.from({ length: columns }, draw));
  return scoresOf(
    table,
    table.map((row) => row.map((p) => (stream.integer(6) === 0 ? -1 : stream.uniform() < p ? 1 : 0))),
  );
}

test.each([1, 7, 10, 15])('equals the definition with %i bins, pooled and by class', (bins) => {
  const scores = random(80, 4);
  const columns = [0, 1, 2, 3].map((c) => column(scores, c));
  const all = slowError(
    columns.flatMap((own) => own.scores),
    columns.flatMap((own) => own.present),
    bins,
  );
  const pooled = expectedCalibrationError(scores, { bins });
  expectClose([pooled.expected], [all], { relative: 1e-9, absolute: 1e-12 });
  expect(pooled.bins.reduce((sum, { count }) => sum + count, 0)).toBe(columns.flatMap((own) => own.scores).length);
  expect(pooled.maximum).toBe(Math.max(...pooled.bins.map((bin) => Math.abs(bin.frequency - bin.probability))));
  const { perClass, expected } = classwiseCalibrationError(scores, { bins });
  const slow = columns.map((own) => slowError(own.scores, own.present, bins));
  expectClose(perClass, slow, { relative: 1e-9, absolute: 1e-12 });
  expectClose([expected], [slow.reduce((a, b) => a + b) / 4], { relative: 1e-9, absolute: 1e-12 });
});

test('borders belong to the lower bin, and 0 to the first', () => {
  const probabilities = [0, 0.25, 0.5, 0.5000001, 1];
  const { bins } = expectedCalibrationError(
    scoresOf(
      probabilities.map((p) => [p]),
      probabilities.map(() => [1]),
    ),
    { bins: 4 },
  );
  expect(bins.map(({ count }) => count)).toEqual([2, 1, 1, 1]);
});

test('of the likeliest class, the lower of equals', () => {
  const probabilities = { rows: 3, columns: 2, scores: Float32Array.of(0.5, 0.5, 0.1, 0.9, 0.8, 0.2) };
  const { expected, bins } = top1CalibrationError(probabilities, [0, 1, 1], { bins: 2 });
  expect(bins.map(({ count }) => count)).toEqual([1, 2]);
  // 0.5 was right; of 0.9 and 0.8 one.
  expectClose([expected], [0.5 / 3 + (2 / 3) * (0.85 - 0.5)]);
});

test('nothing known gives 0', () => {
  const nothing = scoresOf([[0.5, 0.2]], [[-1, -1]]);
  expect(expectedCalibrationError(nothing)).toMatchObject({ expected: 0, maximum: 0 });
  expect(classwiseCalibrationError(nothing)).toMatchObject({ expected: 0, known: Int32Array.of(0, 0) });
  expect(top1CalibrationError({ rows: 0, columns: 2, scores: new Float32Array(0) }, []).expected).toBe(0);
});
