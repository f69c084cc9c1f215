import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@ltml/data';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import {
  formatProportions,
  meanScores,
  type ProportionScores,
  proportionReport,
  proportionScores,
} from '../src/quality/partial-labels/proportions.ts';
import { type PartialLabelsParts, partialLabelsTrack } from '../src/quality/partial-labels/track.ts';
import { runQualitySuite } from '../src/quality/suite.ts';

const classes = ['a', 'b', 'c'];

function toyMaps(name: string, rows: number, seed: number): Dataset {
  const random = new RandomStream(seed);
  const present = Uint8Array.from({ length: rows * 3 }, () => Number(random.uniform() < 0.4));
  const size = 2 * 2 * 4;
  const maps = Float32Array.from({ length: rows * size }, () => random.normal(0, 0.5));
  for (let i = 0; i < rows * 3; i++)
    if (present[i]) maps[Math.floor(i / 3) * size + 4 * random.integer(4) + (i % 3)] += 2;
  return {
    name,
    classes,
    labels: { rows, columns: 3, present },
    inputs: {
      length: rows,
      shape: [2, 2, 4],
      read: async (indices) =>
        Float32Array.from(Array.from(indices).flatMap((i) => [...maps.subarray(i * size, (i + 1) * size)])),
    },
  };
}

const scored = (meanAveragePrecision: number): ProportionScores => ({
  ...{ meanAveragePrecision, overallPrecision: 0.5, overallRecall: 0.5, overallF1: 0.5 },
  ...{ classPrecision: 0.2, classRecall: 0.4, classF1: 0.3 },
});

it('averages over proportions and tells where mAP falls', () => {
  const report = proportionReport(
    new Map([0.5, 0.1, 0.9].map((p) => [p, scored({ 0.1: 0.4, 0.5: 0.7, 0.9: 0.6 }[p]!)])),
  );
  expect(report.rows.map(([proportion]) => proportion)).toEqual([0.1, 0.5, 0.9]);
  expect(report.average.meanAveragePrecision).toBeCloseTo(17 / 30);
  expect(report.falls).toEqual([{ from: 0.5, to: 0.9, by: expect.closeTo(0.1) }]);
  const text = formatProportions(report);
  expect(text).toMatch(/^known +mAP +OP +OR +OF1 +CP +CR +CF1$/m);
  expect(text).toMatch(/^average +56\.7 +50\.0 .* 30\.0$/m);
  expect(text).toMatch(/mAP falls by 10\.0 from 50 to 90 %\.$/);
  expect(formatProportions(proportionReport(new Map([[0.1, scored(0.4)]])))).toMatch(/mAP rises/);
  expect(meanScores([scored(0.2), scored(0.4)]).meanAveragePrecision).toBeCloseTo(0.3);
});

it('counts a class as predicted from a logit of 0 on', () => {
  const scores = { rows: 2, columns: 1, scores: Float32Array.of(0, -1), present: Uint8Array.of(1, 1) };
  expect(proportionScores(scores)).toMatchObject({ meanAveragePrecision: 1, overallPrecision: 1, overallRecall: 0.5 });
});

it('runs every method of the track at every proportion, with a plot, and frees all that it makes', async () => {
  const data = new RandomStream(3);
  const parts: PartialLabelsParts = {
    train: toyMaps('toy@1/train', 64, 1),
    test: toyMaps('toy@1/test', 40, 2),
    channels: 4,
    classEmbeddings: { shape: [3, 5], data: Float32Array.from({ length: 15 }, () => data.normal()) },
  };
  const folder = mkdtempSync(join(tmpdir(), 'partial-'));
  const before = tf.memory().numTensors;
  try {
    const track = partialLabelsTrack('quick', { seeds: [1], epochs: 4 }, async () => parts);
    const { tracks, report } = await runQualitySuite({ suite: 'quick', tracks: [track], folder });
    const [{ summaries }] = tracks;
    expect(summaries.map(({ key }) => key)).toEqual(['partial-bce', 'ssgrl', 'sarb']);
    for (const { measures, difference } of summaries) {
      for (const { key } of track.measures) expect(measures[key].mean).toBeGreaterThan(0);
      if (difference) expect(Object.keys(difference)).toEqual(['mAP@10', 'mAP@50']);
    }
    expect(readFileSync(report, 'utf8')).toMatch(/mAP against known labels/);
    expect(tf.memory().numTensors).toBe(before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
