import { expect, test } from 'vitest';
import {
  classGroups,
  classList,
  denseLabels,
  digitsLt,
  digitsLtSet,
  digitsLtSingleSet,
  subsetOfPictures,
} from '../src/index.ts';

test('the embedded sets say their classes, splits and protocol, and keep labels and pictures', async () => {
  const { train } = await digitsLt();
  const set = await digitsLtSet();
  expect([set.name, set.version, set.protocol.labels, set.splits.validation]).toEqual([
    'digits-lt',
    '1',
    'multi',
    undefined,
  ]);
  expect(set.classes[3]).toEqual({ name: 'red three', id: 'red three', seen: true });
  expect(set.splits.train.name).toBe('digits-lt@1/train');
  expect(denseLabels(set.splits.train.labels)).toEqual(train.labels);
  const part = subsetOfPictures(set.splits.train.pictures, [7, 2]);
  expect([part.length, part.size, part.key(0)]).toEqual([2, { height: 64, width: 64 }, '7']);
  expect(await part.read(1)).toEqual(await train.images.read(2));
  const partial = await digitsLtSet({ knownLabels: { proportion: 0.5 } });
  expect(partial.splits.train.labels.row(0).absent).not.toBe('rest');
  expect((await digitsLtSingleSet()).protocol).toMatchObject({ labels: 'single' });
  expect(classList(['a'])).toEqual([{ name: 'a', id: 'a', seen: true }]);
});

test('groups classes by their counts, or as lists say', () => {
  const counts = [150, 50, 5];
  const byCounts = (options: object) => classGroups({ groups: { counts: options } }, counts);
  expect(byCounts({})).toEqual({ head: [0], medium: [1], tail: [2] });
  expect(byCounts({ headFrom: 30, tailBelow: 10 })).toEqual({ head: [0, 1], medium: [], tail: [2] });
  const lists = { head: [2], medium: [0], tail: [] };
  expect(classGroups({ groups: { lists } }, counts)).toEqual(lists);
  for (const [bad, message] of [
    [{ ...lists, tail: [3] }, /protocol\.groups\.lists\.tail\[0\] should be an index below 3, got 3/],
    [{ ...lists, tail: [2] }, /lists\.tail should be classes of no other list, got class 2 again/],
  ] as const) {
    expect(() => classGroups({ groups: { lists: bad } }, counts)).toThrow(message);
  }
});
