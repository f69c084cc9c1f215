import { digitsLtSingle, paretoReference } from '@ltml/data';
import { OptionError } from '@ltml/tensor';
import { classStatistics, frequencyGroups } from '@ltml/tensor/labels';
import { expect, test } from 'vitest';
import { dealGlyphs } from '../src/digits-lt/glyphs.ts';
import { optdigits } from '../src/optdigits.ts';
import { sceneChecksum } from './scene-checksum.ts';

const { train, test: testSet } = await digitsLtSingle();
const { trainCount, classCounts, cooccurrence } = classStatistics(train.labels);
const groups = frequencyGroups(classCounts, { headFrom: 101 });

test('digits-lt-single@2 is frozen, byte by byte', async () => {
  expect([train.name, testSet.name]).toEqual(['digits-lt-single@2/train', 'digits-lt-single@2/test']);
  expect(await sceneChecksum(train, 10)).toBe('d50d0d78b04f65db85fabc20caf880edae882b05c2863d91d47a4b66fb271ae5');
  expect(await sceneChecksum(testSet, 40)).toBe('0730d3a1297b59c03361ee87efe2503094d0cde65c3fd984f0623168e719e768');
});

test('every scene has one class; counts fall from 500 to 5 under the Pareto density of ImageNet-LT', () => {
  expect(trainCount).toBe(2780);
  expect(cooccurrence.every((row, a) => row.every((images, b) => a === b || images === 0))).toBe(true);
  const ordered = [...classCounts].sort((a, b) => b - a);
  expect(ordered).toEqual(Array.from(paretoReference(60, { max: 500, min: 5, covered: 0.999 })));
  expect([ordered[0], ordered[59]]).toEqual([500, 5]);
  expect([groups.head.length, groups.medium.length, groups.tail.length]).toEqual([8, 10, 42]);
});

test('a rare class shares its digit and its ink with rich ones', () => {
  expect(new Set(groups.tail.map((c) => c % 10)).size).toBe(10);
  const isRich = (c: number): boolean => classCounts[c] >= 20;
  for (const c of groups.tail) {
    const same = [...classCounts.keys()].filter((other) => other !== c && isRich(other));
    expect(
      same.some((other) => other % 10 === c % 10),
      train.classes[c],
    ).toBe(true);
    expect(
      same.some((other) => Math.floor(other / 10) === Math.floor(c / 10)),
      train.classes[c],
    ).toBe(true);
  }
});

test('the test set is balanced, from its first scenes on, of handwriting that training does not have', async () => {
  const counts = classStatistics(testSet.labels).classCounts;
  expect([Math.min(...counts), Math.max(...counts)]).toEqual([166, 167]);
  const { test: short } = await digitsLtSingle({ testScenes: 600 });
  expect(classStatistics(short.labels).classCounts).toEqual(Array(60).fill(10));
  expect(await short.images.read(599)).toEqual(await testSet.images.read(599));
  const pool = new Set(dealGlyphs(optdigits()).test.flat());
  expect(short.scenes.flat().filter(({ glyph }) => !pool.has(glyph))).toEqual([]);
});

test('another seed makes another set of the same counts', async () => {
  const other = await digitsLtSingle({ seed: 2 });
  expect(other.train.name).toBe('digits-lt-single@2-seed2/train');
  expect(classStatistics(other.train.labels).classCounts).toEqual(classCounts);
  expect(await other.train.images.read(0)).not.toEqual(await train.images.read(0));
});

test('refuses more test scenes than there are', async () => {
  await expect(digitsLtSingle({ testScenes: 10_001 })).rejects.toSatisfy(OptionError.is);
});
