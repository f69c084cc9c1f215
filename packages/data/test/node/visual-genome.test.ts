import { describe, expect, it } from 'vitest';
import { checkPublishedSet, readPublishedSet } from '../../src/node/index.ts';
import { folderWith } from './own-files.ts';

const object = (...names: string[]): object => ({ names });
const files: Readonly<Record<string, string>> = {
  'image_data.json': JSON.stringify([1, 2, 3].map((id) => ({ image_id: id }))),
  'objects.json': JSON.stringify([
    { image_id: 1, objects: [object('Tree '), object('tree'), object('man')] },
    { image_id: 2, objects: [object('tree'), object('sky')] },
    { image_id: 3, objects: [object('man', 'tree'), object('tree')] },
  ]),
  'train.txt': '1.jpg\n3.jpg\n',
  'labels.json': JSON.stringify({ '1.jpg': [1, 0, 1, 7], '2.jpg': [0], '3.jpg': [] }),
  ...Object.fromEntries([1, 2, 3].map((id) => [`VG_100K/${id}.jpg`, 'picture'])),
};
const request = (changed: Readonly<Record<string, string>> = {}) => ({
  root: folderWith({ ...files, ...changed }),
  splits: ['train'],
  lists: { train: 'train.txt', labels: 'labels.json' },
  options: { classes: 2 },
});

describe('labels of Visual Genome from the user’s copy', () => {
  it('stand in place of counted ones, which name the classes; indices of other classes are passed over', async () => {
    const { classes, splits } = await readPublishedSet('vg', request());
    expect(classes.map(({ name }) => name)).toEqual(['tree', 'man']);
    const { labels } = splits.train;
    expect([0, 1].map((i) => [...labels.row(i).present])).toEqual([[0, 1], []]);
    const { lists: _, ...counted } = request();
    const own = await readPublishedSet('vg', { ...counted, lists: { train: 'train.txt' } });
    expect([0, 1].map((i) => [...own.splits.train.labels.row(i).present])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('are compared with counted ones', async () => {
    const fact = async (changed = {}) =>
      (await checkPublishedSet('vg', request(changed))).facts.find(({ what }) =>
        what.startsWith('classes of the labels'),
      );
    expect(await fact()).toMatchObject({ found: 2, holds: true });
    const other = JSON.stringify({ '1.jpg': [1], '3.jpg': [1] });
    expect(await fact({ 'labels.json': other })).toMatchObject({ found: 1, expected: '2', holds: false });
  });

  it.each([
    ['[1]', /labels.json, should be class indices for each file name/],
    ['{"1.jpg": [0', /labels.json, should be valid JSON/],
    ['{"1.jpg": ["tree"]}', /labels.json, "1.jpg", should be a list of class indices, got \["tree"\]/],
    ['{"one.jpg": [0]}', /labels.json, "one.jpg", should be a file name/],
    ['{"1.jpg": [0]}', /train.txt, line 2, should be an image of labels.json, got 3/],
  ])('that say %s are refused by file and file name', async (text, message) => {
    await expect(readPublishedSet('vg', request({ 'labels.json': text }))).rejects.toThrow(message);
  });
});
