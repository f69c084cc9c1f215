import { labelRankingReport } from '@ltml/metrics';
import { RandomStream } from '@ltml/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

function draw(rows: number, columns: number, seed: number) {
  const random = new RandomStream(seed);
  const size = rows * columns;
  return {
    rows,
    columns,
    scores: Float32Array.from({ length: size }, () => random.normal(0, 1)),
    present: Uint8Array.from({ length: size }, () => (random.uniform() < 0.2 ? 1 : 0)),
  };
}

describe('labelRankingReport', () => {
  it('has recall and precision in the ratio k·N / positives, whatever the ranking', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 5 }), (seed, k) => {
        const scores = draw(40, 6, seed);
        const positives = scores.present.reduce((sum, label) => sum + label, 0);
        const [{ precision, recall }] = labelRankingReport(scores, { k: [k] }).atK;
        if (precision > 0) expect(recall / precision).toBeCloseTo((k * 40) / positives, 6);
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  // A loader of NUS-WIDE that finds as many positives among the labels of the test set has read them as the authors did.
  it.each([
    [3, 202_388, 1.5987],
    [5, 202_388, 2.665],
    [3, 733_924, 0.4409],
    [5, 733_924, 0.7347],
  ])(
    'has on the test set of NUS-WIDE, for k = %i and %i positives, the ratio %f of the published tables',
    (k, positives, ratio) => {
      expect((k * 107_859) / positives).toBeCloseTo(ratio, 3);
    },
  );

  it('counts a class without positives as 0', () => {
    const scores = { rows: 2, columns: 2, scores: Float32Array.of(1, 0, 0, 1), present: Uint8Array.of(1, 0, 0, 0) };
    const report = labelRankingReport(scores, { k: [1, 2] });
    expect([...report.averagePrecision]).toEqual([1, 0]);
    expect(report.meanAveragePrecision).toBe(0.5);
    expect(report.atK).toEqual([
      { precision: 0.5, recall: 1, f1: 2 / 3 },
      { precision: 0.25, recall: 1, f1: 0.4 },
    ]);
  });

  it('refuses more labels than there are, and unknown options', () => {
    expect(() => labelRankingReport(draw(3, 4, 1), { k: [5] })).toThrow(/1 … C = 4|k/);
    expect(() => labelRankingReport(draw(3, 4, 1), { ks: [1] } as never)).toThrow(/unknown option "ks"/);
  });
});
