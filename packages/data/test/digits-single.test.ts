import { createHash } from 'node:crypto';
import { digitsLt, digitsLtSingle, type SceneSet } from '@ltml/data';
import { classStatistics, frequencyGroups } from '@ltml/tensor/labels';
import { expect, test } from 'vitest';

const { train, test: testSet } = await digitsLtSingle();

async function sha256({ images, labels }: SceneSet): Promise<string> {
  const hash = createHash('sha256').update(labels.present);
  for (let i = 0; i < images.length; i++) hash.update((await images.read(i)).pixels);
  return hash.digest('hex');
}

test('digits-lt-single@1 is frozen, byte by byte', async () => {
  expect([train.name, testSet.name]).toEqual(['digits-lt-single@1/train', 'digits-lt-single@1/test']);
  expect(await sha256(train)).toBe('8e2d3d9b0c4b3d68143cad1c6e565eb695dba7cbc81078a280bfdb97fac1a91e');
  expect(await sha256(testSet)).toBe('a0bf5f4efbe8d369979b519ebe3b1533875c232d82876814604707161656923a');
});

test('every scene has one class; counts fall exponentially by a factor of 100', () => {
  const { trainCount, classCounts, cooccurrence } = classStatistics(train.labels);
  expect(trainCount).toBe(1383);
  expect(cooccurrence.every((row, a) => row.every((images, b) => a === b || images === 0))).toBe(true);
  const ordered = [...classCounts].sort((a, b) => b - a);
  expect(ordered).toEqual(Array.from({ length: 20 }, (_, r) => Math.round(300 * 100 ** (-r / 19))));
  const { head, medium, tail } = frequencyGroups(classCounts, { headFrom: 101 });
  expect([head.length, medium.length, tail.length]).toEqual([5, 7, 8]);
});

test('both inks have classes of every group, and a rare class shares its digit with a richer one', () => {
  const { classCounts } = classStatistics(train.labels);
  const groups = frequencyGroups(classCounts, { headFrom: 101 });
  for (const group of [groups.head, groups.medium, groups.tail]) {
    expect(new Set(group.map((c) => Math.floor(c / 10))).size).toBe(2);
  }
  for (const c of groups.tail) expect(classCounts[(c + 10) % 20]).toBeGreaterThan(10 * classCounts[c] - 10);
});

test('the test set is balanced, of handwriting that training does not have', async () => {
  expect(classStatistics(testSet.labels).classCounts).toEqual(Array(20).fill(50));
  const glyphs = (set: SceneSet) => new Set(set.scenes.flat().map(({ glyph }) => glyph));
  const seen = glyphs(train);
  expect([...glyphs(testSet)].filter((glyph) => seen.has(glyph))).toEqual([]);
  expect(testSet.classes).toEqual((await digitsLt()).test.classes);
});

test('another seed makes another set of the same counts', async () => {
  const other = await digitsLtSingle({ seed: 2 });
  expect(other.train.name).toBe('digits-lt-single@1-seed2/train');
  expect(classStatistics(other.train.labels).classCounts).toEqual(classStatistics(train.labels).classCounts);
  expect(await other.train.images.read(0)).not.toEqual(await train.images.read(0));
});
