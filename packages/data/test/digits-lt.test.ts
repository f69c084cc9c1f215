import { createHash } from 'node:crypto';
import { OptionError } from '@ltml/tensor';
import { classStatistics, frequencyGroups } from '@ltml/tensor/labels';
import { expect, test } from 'vitest';
import { dealGlyphs } from '../src/digits-lt/glyphs.ts';
import { digitsLt, digitsSource, type SceneSet } from '../src/index.ts';
import { optdigits } from '../src/optdigits.ts';

const vocMltCounts = [775, 479, 249, 240, 154, 100, 82, 64, 48, 34, 29, 20, 17, 14, 11, 8, 7, 6, 5, 4];
const { train, test: testSet } = await digitsLt();
const source = await digitsSource({ trainScenes: 60, validationScenes: 30 });

async function sha256({ images, labels }: SceneSet): Promise<string> {
  const hash = createHash('sha256').update(labels.present);
  for (let i = 0; i < images.length; i++) hash.update((await images.read(i)).pixels);
  return hash.digest('hex');
}

const labelsPerScene = ({ labels: { present, rows, columns } }: SceneSet): number[] =>
  Array.from({ length: rows }, (_, row) =>
    present.subarray(row * columns, (row + 1) * columns).reduce((sum, label) => sum + label, 0),
  );

const glyphsOf = (set: SceneSet): Set<number> => new Set(set.scenes.flat().map(({ glyph }) => glyph));

test('digits-lt@1 is frozen, byte by byte', async () => {
  expect(train.name).toBe('digits-lt@1/train');
  expect(testSet.name).toBe('digits-lt@1/test');
  expect(await sha256(train)).toBe('c4ade293ea09b949f11c860bff7a3d1990c660cc95daaae0855970184dfe7915');
  expect(await sha256(testSet)).toBe('84bd5162542c754df60919f4636f097bb942b1b7cd8fcf7584580d66c782adeb');
});

test('the source task is frozen too, since the shipped weights were trained on it', async () => {
  expect(await sha256(source.train)).toBe('866d477a1d61aec8cbdede33be24e16b18fa3113975086d0ad79e12c93baa353');
  expect(await sha256(source.validation)).toBe('e0178617eb12fcc4e48a7d79d0a9dd4ad5528e204e0d01c05150cb19778f3146');
});

test('training has the class counts of VOC-MLT: 6 head, 6 medium and 8 tail classes', () => {
  const { trainCount, classCounts } = classStatistics(train.labels);
  expect(trainCount).toBe(1142);
  expect([...classCounts].sort((a, b) => b - a)).toEqual(vocMltCounts);
  const { head, medium, tail } = frequencyGroups(classCounts);
  expect([head.length, medium.length, tail.length]).toEqual([6, 6, 8]);
  expect(Math.max(...labelsPerScene(train))).toBe(4);
  expect(Math.min(...labelsPerScene(train))).toBe(1);
});

test('both inks have head, medium and tail classes, and a tail class shares its digit with a richer one', () => {
  const { classCounts } = classStatistics(train.labels);
  const { head, medium, tail } = frequencyGroups(classCounts);
  for (const group of [head, medium, tail]) expect(new Set(group.map((c) => Math.floor(c / 10))).size).toBe(2);
  for (const c of tail) expect(tail).not.toContain((c + 10) % 20);
});

test('the test set is balanced: 100 of 1,000 scenes for each class, 1 to 3 labels', () => {
  expect(testSet.labels.rows).toBe(1000);
  expect(classStatistics(testSet.labels).classCounts).toEqual(Array(20).fill(100));
  expect(new Set(labelsPerScene(testSet))).toEqual(new Set([1, 2, 3]));
});

test('labels name exactly the digits that are there in the inks of the classes', () => {
  for (const set of [train, testSet, source.train]) {
    expect(set.scenes).toHaveLength(set.labels.rows);
    for (const [row, scene] of set.scenes.entries()) {
      const names = scene.filter(({ labelled }) => labelled).map(({ ink, digit }) => `${ink} ${digitNames[digit]}`);
      const named = set.classes.filter((_, c) => set.labels.present[row * set.classes.length + c] === 1);
      expect(names.sort()).toEqual([...named].sort());
      const inks = new Set(set.classes.map((name) => name.split(' ')[0]));
      for (const { ink, labelled } of scene) expect(inks.has(ink)).toBe(labelled);
    }
  }
});

const digitNames = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

test('no handwritten digit is used twice among training, test, source training and source validation', () => {
  const pools = Object.values(dealGlyphs(optdigits())).map((pool) => pool.flat());
  expect(new Set(pools.flat()).size).toBe(1797);
  expect(pools.flat()).toHaveLength(1797);
  const used = [train, testSet, source.train, source.validation].map(glyphsOf);
  for (const [i, glyphs] of used.entries()) {
    for (const other of used.slice(i + 1)) expect(disjoint(glyphs, other)).toBe(true);
  }
});

const disjoint = (a: Set<number>, b: Set<number>): boolean => [...a].every((item) => !b.has(item));

test('another seed gives other scenes with the same counts and the same pools of handwritten digits', async () => {
  const other = await digitsLt({ seed: 2 });
  expect(other.train.name).toBe('digits-lt@1-seed2/train');
  expect(await sha256(other.train)).not.toBe(await sha256(train));
  expect(classStatistics(other.train.labels).classCounts).toEqual(classStatistics(train.labels).classCounts);
  expect(disjoint(glyphsOf(other.test), glyphsOf(train))).toBe(true);
});

test('unseen classes come to the test scenes only, and training stays what it was', async () => {
  const open = await digitsLt({ unseenClasses: true });
  expect(open.test.classes).toHaveLength(30);
  expect(open.test.classes.slice(0, 20)).toEqual(train.classes);
  expect(open.test.classes.slice(20, 22)).toEqual(['green zero', 'green one']);
  const { classCounts } = classStatistics(open.test.labels);
  expect(Math.min(...classCounts)).toBeGreaterThanOrEqual(66);
  expect(Math.max(...classCounts)).toBeLessThanOrEqual(67);
  expect(await sha256(open.train)).toBe(await sha256(train));
  expect(train.scenes.flat().some(({ ink }) => ink === 'green')).toBe(false);
});

test('another difficulty is another data set, and says so', async () => {
  const plain = await digitsSource({ trainScenes: 30, validationScenes: 3, difficulty: { distractors: [0, 0] } });
  expect(plain.train.name).toBe('digits-source-custom/train');
  expect(plain.train.scenes.flat().every(({ labelled }) => labelled)).toBe(true);
});

test('what is read belongs to the caller', async () => {
  const { pixels: first } = await train.images.read(0);
  expect(first).toHaveLength(64 * 64 * 3);
  first.fill(0);
  expect((await train.images.read(0)).pixels.some((level) => level > 0)).toBe(true);
});

test('unknown options are refused by name', async () => {
  await expect(digitsLt({ scenes: 5 } as never)).rejects.toSatisfy(OptionError.is);
  await expect(digitsSource({ unseenClasses: true } as never)).rejects.toThrow(/trainScenes/);
});
