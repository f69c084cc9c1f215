import { denseLabels, digitsLt, digitsMl, digitsMlSet } from '@ltml/data';
import { OptionError } from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import { expect, test } from 'vitest';
import { dealGlyphs } from '../src/digits-lt/glyphs.ts';
import { optdigits } from '../src/optdigits.ts';
import { sceneChecksum } from './scene-checksum.ts';

/** Images of VOC 2007's `trainval` that show a class: the statistics of the challenge, by falling count. */
const voc2007 = [2008, 713, 445, 421, 337, 330, 287, 261, 256, 245, 245, 244, 243, 238, 229, 200, 186, 181, 141, 96];

const { train, test: testSet } = await digitsMl();

test('digits-ml@1 is frozen, byte by byte', async () => {
  expect([train.name, testSet.name]).toEqual(['digits-ml@1/train', 'digits-ml@1/test']);
  expect(await sceneChecksum(train, 25)).toBe('0e36b05638d0b691cd738fa924a470654bde45135b5cb78280ccb5d593e1119b');
  expect(await sceneChecksum(testSet, 25)).toBe('b7df6e9770172d799a136c267a8d7ad79b22e19dfdd4e399234a6ee67f8d87fa');
});

test('labels are distributed alike in training and in the test: the class counts of VOC 2007, 1 to 4 labels a scene', () => {
  const [ofTrain, ofTest] = [train, testSet].map(({ labels }) => classStatistics(labels));
  expect([...ofTrain.classCounts].sort((a, b) => b - a)).toEqual(voc2007);
  expect(ofTest.classCounts).toEqual(ofTrain.classCounts);
  const sizes = [train, testSet].map(({ labels }) => {
    const counts = [0, 0, 0, 0, 0];
    for (let row = 0; row < labels.rows; row++) {
      counts[labels.present.subarray(row * 20, row * 20 + 20).reduce((sum, label) => sum + label, 0)]++;
    }
    return counts;
  });
  expect(sizes[0][0] + sizes[1][0]).toBe(0);
  for (const size of [1, 2, 3, 4]) expect(Math.abs(sizes[0][size] - sizes[1][size])).toBeLessThan(60);
  // Which classes meet, too: about as often in either, as two draws of one distribution do.
  for (const [a, row] of ofTrain.cooccurrence.entries()) {
    for (const [b, meetings] of row.entries()) {
      const other = ofTest.cooccurrence[a][b];
      expect(Math.abs(meetings - other)).toBeLessThan(6 * Math.sqrt(meetings + other + 1));
    }
  }
});

test('the test shows other handwriting, and the classes are those of digits-lt', async () => {
  const { test: short } = await digitsMl({ testScenes: 400 });
  expect(await short.images.read(399)).toEqual(await testSet.images.read(399));
  const { train: ofLongTail } = await digitsLt();
  expect(train.classes).toEqual(ofLongTail.classes);
  const pool = new Set(dealGlyphs(optdigits()).test.flat());
  expect(short.scenes.flat().filter(({ glyph }) => !pool.has(glyph))).toEqual([]);
});

test('a share of the training labels is known, nested over the shares', async () => {
  const knownOf = async (proportion: number) => {
    const { splits } = await digitsMlSet({ knownLabels: { proportion, seed: 3 }, testScenes: 1 });
    return denseLabels(splits.train.labels).known as Uint8Array;
  };
  const [few, more] = [await knownOf(0.1), await knownOf(0.5)];
  expect(few.some((known, i) => known > more[i])).toBe(false);
  for (const [known, share] of [
    [few, 0.1],
    [more, 0.5],
  ] as const) {
    expect(known.reduce((sum, bit) => sum + bit, 0) / (5000 * 20)).toBeCloseTo(share, 2);
  }
});

test('a shorter training set has the first scenes', async () => {
  const { train: short } = await digitsMl({ trainScenes: 300 });
  expect(short.labels.rows).toBe(300);
  expect(await short.images.read(299)).toEqual(await train.images.read(299));
  expect([...short.labels.present]).toEqual([...train.labels.present.subarray(0, 300 * 20)]);
});

test('refuses more scenes than there are', async () => {
  await expect(digitsMl({ testScenes: 5001 })).rejects.toSatisfy(OptionError.is);
  await expect(digitsMl({ trainScenes: 5001 })).rejects.toSatisfy(OptionError.is);
});
