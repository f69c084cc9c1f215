import { expect, test } from 'vitest';
import { classList, denseLabels, digitsLt, digitsLtSet, digitsLtSingleSet, subsetOfPictures } from '../src/index.ts';

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
  expect((await digitsLtSingleSet()).protocol).toMatchObject({ labels: 'single', metrics: ['accuracy', 'mAP'] });
  expect(classList(['a'])).toEqual([{ name: 'a', id: 'a', seen: true }]);
});
