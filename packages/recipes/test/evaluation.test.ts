import { denseLabels } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import { frequencyGroups, sparseOf } from '@ltml/tensor/labels';
import { expectClose } from '@ltml/tensor/testing';
import { describe, expect, it } from 'vitest';
import type { ImageSet } from '../src/build/image-set.ts';
import { alignClasses } from '../src/evaluation/align-classes.ts';
import { evaluationReport } from '../src/evaluation/evaluation-report.ts';
import { predictedClasses, probabilitiesOf } from '../src/evaluation/score-use.ts';
import { largestGap, oneThreshold, thresholdOfPrecision, thresholdPerClass, tune } from '../src/evaluation/tune.ts';
import { worstErrors } from '../src/evaluation/worst-errors.ts';
import { UsageError } from '../src/usage-error.ts';

const [rows, columns] = [60, 3];

/** Logits that are twice too certain, and 1 too high for the last class, which has no positives. */
function logits(): Scores {
  const random = new RandomStream(1);
  const honest = Float32Array.from({ length: rows * columns }, () => 2 * random.normal());
  const present = Uint8Array.from(honest, (x, at) =>
    at % columns !== 2 && random.uniform() < 1 / (1 + Math.exp(-x)) ? 1 : 0,
  );
  return { rows, columns, scores: honest.map((x) => 2 * x), present };
}

const sigmoid = { learner: { scores: 'sigmoid' }, thresholds: null, calibration: null } as const;

describe('tune', () => {
  it('finds the temperature, and thresholds that are better than 0 on what they were chosen by', () => {
    const scores = logits();
    const { thresholds, calibration } = tune(scores, 'sigmoid', thresholdPerClass);
    expect(calibration?.temperature).toBeGreaterThan(1.3);
    const classes = ['a', 'b', 'c'];
    const classCounts = [200, 30, 3];
    const model = { ...sigmoid, classes, classCounts, groups: frequencyGroups(classCounts), weights: 'last' } as const;
    const before = evaluationReport(model, scores);
    const after = evaluationReport({ ...model, thresholds, calibration }, scores);
    for (const c of [0, 1]) expect(after.perClass[c].f1).toBeGreaterThanOrEqual(before.perClass[c].f1 as number);
    expect(after.calibration?.expected).toBeLessThan(before.calibration?.expected as number);
    expect(after.mAP).toEqual(before.mAP);
    expect([before.decisions, after.decisions]).toEqual(['default', 'thresholds']);
  });

  it('gives a class without positives the one threshold for all', () => {
    const scores = logits();
    const [one] = oneThreshold(scores) as number[];
    expect(oneThreshold(scores)).toEqual([one, one, one]);
    expect((thresholdPerClass(scores) as number[])[2]).toBe(one);
    expect((thresholdOfPrecision(0.9)(scores) as number[])[2]).toBe(one);
  });

  it('gives scores of one class an image a temperature and no thresholds', () => {
    const single: Scores = {
      rows: 2,
      columns: 2,
      scores: Float32Array.of(3, 0, 2, 0),
      present: Uint8Array.of(1, 0, 0, 1),
    };
    const { thresholds, calibration } = tune(single, 'softmax', thresholdPerClass);
    expect(thresholds).toBeNull();
    expect(calibration?.temperature).toBeGreaterThan(1);
  });

  it('gives relative scores the largest gap or nothing, and refuses to choose by nothing', () => {
    expect(tune(logits(), 'relative', largestGap)).toEqual({ thresholds: 'mcut', calibration: null });
    expect(() => tune(logits(), 'relative', oneThreshold)).toThrow(UsageError);
    const unknown = { ...logits(), known: new Uint8Array(rows * columns) };
    expect(() => tune(unknown, 'sigmoid', oneThreshold)).toThrow(/so nothing can be chosen/);
  });
});

describe('what is made of scores', () => {
  const matrix = { rows: 2, columns: 2, scores: Float32Array.of(2, -1, -3, -3) };

  it('is by thresholds, by the largest gap, as likely as not, or the likeliest class', () => {
    const predicted = (use: object) => [...(predictedClasses({ ...sigmoid, ...use }, matrix) ?? [])];
    expect(predicted({})).toEqual([1, 0, 0, 0]);
    expect(predicted({ thresholds: [3, -3] })).toEqual([0, 1, 0, 1]);
    expect(predicted({ thresholds: 'mcut' })).toEqual([1, 0, 0, 0]);
    expect(predicted({ learner: { scores: 'softmax' } })).toEqual([1, 0, 1, 0]);
    expect(predictedClasses({ ...sigmoid, learner: { scores: 'relative' } }, matrix)).toBeNull();
  });

  it('are probabilities by the temperature, where scores promise them', () => {
    const tempered = { ...sigmoid, calibration: { temperature: 2 } };
    expectClose(probabilitiesOf(tempered, matrix)?.scores.slice(0, 1) ?? [], [1 / (1 + Math.exp(-1))]);
    expect(probabilitiesOf({ ...sigmoid, learner: { scores: 'relative' } }, matrix)).toBeNull();
  });
});

describe('worst errors', () => {
  const scores: Scores = {
    rows: 4,
    columns: 1,
    scores: Float32Array.of(3, 2, -1, -2),
    present: Uint8Array.of(0, 0, 1, 1),
    known: Uint8Array.of(1, 1, 1, 0),
  };

  it('are the highest scores where a class is not, and the lowest where it is', () => {
    const [errors] = worstErrors(scores, Uint8Array.of(1, 1, 0, 0), 1);
    expect(errors).toEqual({ index: 0, falsePositives: [0], misses: [2] });
    expect(worstErrors(scores, Uint8Array.of(0, 1, 1, 0), 5)[0]).toEqual({ index: 0, falsePositives: [1], misses: [] });
    expect(worstErrors(scores, null, 5)[0]).toEqual({ index: 0, falsePositives: [0, 1], misses: [2] });
  });
});

describe('classes of another data set', () => {
  const images = {
    name: 'other',
    classes: ['b', 'a'],
    labels: sparseOf({ rows: 1, columns: 2, present: Uint8Array.of(1, 0) }),
  } as unknown as ImageSet;

  it('are found by name, and nothing is known of the others', () => {
    const { classes, labels } = alignClasses(images, ['a', 'b', 'c']);
    expect(classes).toEqual(['a', 'b', 'c']);
    expect(denseLabels(labels)).toEqual({
      rows: 1,
      columns: 3,
      present: Uint8Array.of(0, 1, 0),
      known: Uint8Array.of(1, 1, 0),
    });
    expect(alignClasses(images, ['b', 'a'])).toBe(images);
    expect(() => alignClasses(images, ['a'])).toThrow(/does not know: "b"/);
  });
});
