import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resnetTinyStatistics } from '@ltml/backbone';
import { imageInputs, type SceneSet } from '@ltml/data';
import { RandomStream, RandomStreams } from '@ltml/tensor';
import { cacheFeatures } from '@ltml/train';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { pretrainedPromptsTrack } from '../src/quality/pretrained-prompts/track.ts';
import { holdOut } from '../src/quality/single-label/hold-out.ts';
import { createRun } from '../src/quality/single-label/parts.ts';
import { dsclConfig, singleLabelProtocol } from '../src/quality/single-label/protocol.ts';
import { singleLabelRows, singleLabelTrack } from '../src/quality/single-label/track.ts';
import { runQualitySuite } from '../src/quality/suite.ts';

/** Pictures of 64 × 64 in the colour of their class, with noise. */
function toyScenes(name: string, counts: readonly number[], seed: number): SceneSet {
  const random = new RandomStream(seed);
  const targets = counts.flatMap((count, c) => new Array<number>(count).fill(c));
  return {
    name,
    classes: ['red one', 'red two', 'blue one'],
    labels: {
      rows: targets.length,
      columns: 3,
      present: Uint8Array.from(targets.flatMap((target) => [0, 1, 2].map((c) => Number(c === target)))),
    },
    images: {
      length: targets.length,
      size: { height: 64, width: 64 },
      key: (i) => `${i}`,
      read: async (i) => ({
        height: 64,
        width: 64,
        pixels: Uint8Array.from(
          { length: 64 * 64 * 3 },
          (_, at) => (at % 3 === targets[i] ? 150 : 60) + random.integer(60),
        ),
      }),
    },
    scenes: [],
  };
}

const sets = { train: toyScenes('toy@1/train', [12, 6, 2], 1), test: toyScenes('toy@1/test', [4, 4, 4], 2) };
const small = { seeds: [1], epochs: 1 };

it('pretrains and classifies every row, with intervals of top-1 to the baseline', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'single-label-'));
  const before = tf.memory().numTensors;
  const changes = { ...small, batchSize: 10, classifierEpochs: 2, classifierBatchSize: 10 };
  const track = singleLabelTrack(changes, async () => sets);
  const { tracks, runs } = await runQualitySuite({ suite: 'full', tracks: [track], folder });
  expect(tf.memory().numTensors).toBe(before);
  expect(runs.map(({ method }) => method)).toEqual(singleLabelRows);
  for (const { measures, perClass } of runs) {
    // As many test images of each class: top-1 is the mean over classes.
    expect(perClass).toHaveLength(3);
    expect(measures.total).toBeCloseTo(perClass.reduce((sum, value) => sum + value, 0) / 3, 12);
  }
  const [{ summaries }] = tracks;
  const [scl, ...others] = summaries;
  expect(scl.difference).toBeUndefined();
  for (const { difference, measures } of others) {
    expect(difference?.total.difference).toBeCloseTo(measures.total.mean - scl.measures.total.mean, 12);
    expect(difference?.total.low).toBeLessThanOrEqual(difference?.total.difference ?? -1);
    expect(difference?.total.high).toBeGreaterThanOrEqual(difference?.total.difference ?? 1);
  }
  expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('one class a scene');
  rmSync(folder, { recursive: true });
});

it('trains the head of another method on the pretrained network', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pretrained-prompts-'));
  const inputs = ({ images }: SceneSet) => imageInputs(images, [{ name: 'normalize', ...resnetTinyStatistics }]);
  const datasets = Object.entries(sets).map(([split, set]) => [split, { ...set, inputs: inputs(set) }] as const);
  const encoded: number[] = [];
  const { encoder, learner } = await createRun(
    sets,
    dsclConfig('scl', { ...singleLabelProtocol, epochs: 1, classifierEpochs: 1 }),
    { batchSize: 10, classifierBatchSize: 10 },
    1,
  );
  const encode = async (network: typeof encoder) => {
    network.eval();
    const maps = datasets.map(async ([split, dataset]) => [
      split,
      await cacheFeatures((x) => network.forward(x).featureMap, dataset, { random: new RandomStreams(0) }),
    ]);
    const made = Object.fromEntries(await Promise.all(maps));
    encoded.push((await made.test.inputs.read([0]))[0]);
    return made;
  };
  const plain = { ...(await encode(encoder)), features: 96 };
  learner.dispose();
  const before = tf.memory().numTensors;
  const changes = { ...small, batchSize: 10, classifierBatchSize: 10 };
  const track = pretrainedPromptsTrack(changes, async () => ({ sets, plain, encode }));
  const { runs } = await runQualitySuite({ suite: 'full', tracks: [track], folder });
  expect(tf.memory().numTensors).toBe(before);
  expect(runs.map(({ method }) => method)).toEqual(['plain', 'scl', 'dscl']);
  // Each pretraining left another network.
  expect(new Set(encoded).size).toBe(3);
  rmSync(folder, { recursive: true });
});

it('holds out one scene in four of each class, and none of a class of two', () => {
  const { train, test } = holdOut(sets.train);
  const counts = ({ labels }: SceneSet): number[] =>
    [0, 1, 2].map((c) => labels.present.filter((label, at) => at % 3 === c && label === 1).length);
  expect(counts(train)).toEqual([9, 5, 2]);
  expect(counts(test)).toEqual([3, 1, 0]);
});
