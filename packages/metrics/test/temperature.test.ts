import { RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sigmoidProbabilities, softmaxProbabilities } from '../src/calibration/probabilities.ts';
import { sigmoidTemperature } from '../src/calibration/sigmoid-temperature.ts';
import { softmaxTemperature } from '../src/calibration/softmax-temperature.ts';
import { scoresOf } from './oracle.ts';

/** Mean binary cross-entropy over known entries, by its definition. */
function slowLoss(logits: readonly number[], labels: readonly number[], T: number): number {
  const known = logits.map((x, i) => [x / T, labels[i]]).filter(([, y]) => y >= 0);
  const losses = known.map(([z, y]) => -Math.log(1 / (1 + Math.exp(y === 1 ? -z : z))));
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

test('no other temperature of a fine grid has a lower loss', () => {
  const random = new RandomStream(3);
  for (let round = 0; round < 20; round++) {
    const logits = Array.from({ length: 30 }, () => Math.fround(4 * random.normal()));
    const labels = logits.map((x) =>
      random.uniform() < 0.2 ? -1 : random.uniform() < 1 / (1 + Math.exp(-x / 2)) ? 1 : 0,
    );
    const scores = scoresOf(
      logits.map((x) => [x]),
      labels.map((y) => [y]),
    );
    const { temperature, lossBefore, lossAfter } = sigmoidTemperature(scores);
    expectClose([lossBefore, lossAfter], [slowLoss(logits, labels, 1), slowLoss(logits, labels, temperature)]);
    for (let T = 0.01; T <= 100; T *= 1.05) {
      expect(slowLoss(logits, labels, T)).toBeGreaterThanOrEqual(lossAfter - 1e-9);
    }
  }
});

test('a sigmoid is the softmax of a logit and 0', () => {
  const random = new RandomStream(4);
  const logits = Array.from({ length: 50 }, () => 3 * random.normal());
  const labels = logits.map((x) => (random.uniform() < 1 / (1 + Math.exp(-x / 3)) ? 1 : 0));
  const one = sigmoidTemperature(
    scoresOf(
      logits.map((x) => [x]),
      labels.map((y) => [y]),
    ),
  );
  const scores = Float32Array.from(logits.flatMap((x) => [0, x]));
  const two = softmaxTemperature({ rows: 50, columns: 2, scores }, labels);
  expectClose([two.temperature, two.lossBefore, two.lossAfter], [one.temperature, one.lossBefore, one.lossAfter], {
    relative: 1e-9,
    absolute: 0,
  });
});

test('logits that are k times too large get k times the temperature', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.25, max: 4, noNaN: true }), (k) => {
      const of = (factor: number) =>
        sigmoidTemperature(
          scoresOf(
            [-2, -1, 1, 2, -1.5, 0.5].map((x) => [x * factor]),
            [0, 1, 0, 1, 0, 1].map((y) => [y]),
          ),
        ).temperature;
      expectClose([of(k)], [k * of(1)], { relative: 1e-5, absolute: 0 });
    }),
  );
});

test('without anything to fit by it is 1, and beyond the borders it is the border', () => {
  const fit = (logits: number[], labels: number[]) =>
    sigmoidTemperature(
      scoresOf(
        logits.map((x) => [x]),
        labels.map((y) => [y]),
      ),
    );
  expect(fit([], [])).toEqual({ temperature: 1, lossBefore: 0, lossAfter: 0 });
  expect(fit([3, -2], [-1, -1])).toEqual({ temperature: 1, lossBefore: 0, lossAfter: 0 });
  expect(fit([0, 0], [1, 0]).temperature).toBe(1);
  expect(fit([3, -2], [1, 0]).temperature).toBe(0.01);
  expect(fit([3, -2], [0, 1]).temperature).toBe(100);
  expect(softmaxTemperature({ rows: 0, columns: 3, scores: new Float32Array(0) }, []).temperature).toBe(1);
  expect(softmaxTemperature({ rows: 1, columns: 1, scores: Float32Array.of(5) }, [0]).temperature).toBe(1);
});

test('probabilities', () => {
  const matrix = { rows: 2, columns: 2, scores: Float32Array.of(0, Math.log(3), 100, -100), kind: 'kept' };
  const sigmoid = sigmoidProbabilities(matrix);
  expectClose(sigmoid.scores, [0.5, 0.75, 1, 0]);
  expect(sigmoid.kind).toBe('kept');
  expectClose(softmaxProbabilities(matrix).scores, [0.25, 0.75, 1, 0]);
  expectClose(
    softmaxProbabilities(matrix, 2).scores.slice(0, 2),
    [1, Math.sqrt(3)].map((w) => w / (1 + Math.sqrt(3))),
  );
  expectClose(sigmoidProbabilities(matrix, 2).scores.slice(1, 2), [Math.sqrt(3) / (1 + Math.sqrt(3))]);
});
