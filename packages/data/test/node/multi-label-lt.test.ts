import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkPublishedSet, publishedDataSet, readPublishedSet } from '../../src/node/index.ts';
import { cocoClasses } from '../../src/sets/coco.ts';
import { vocClasses } from '../../src/sets/voc.ts';
import { setFolder } from './set-folder.ts';

const folder = setFolder();
const { write } = folder;

/** A COCO file of images by the ids of the categories that they show. */
function writeCoco(split: string, images: Readonly<Record<number, readonly object[]>>): void {
  const ids = Object.keys(images).map(Number);
  write(`annotations/instances_${split}.json`, {
    images: ids.map((id) => ({ id, file_name: `${String(id).padStart(12, '0')}.jpg` })),
    annotations: ids.flatMap((id) => images[id].map((annotation) => ({ image_id: id, ...annotation }))),
    // As published: ids up to 90, with holes.
    categories: cocoClasses.map((name, c) => ({ id: c + 1, name })),
  });
  for (const id of ids) write(`${split}/${String(id).padStart(12, '0')}.jpg`, 'picture');
}

const box = { area: 4, bbox: [0, 0, 2, 2] };

describe('COCO-MLT', () => {
  beforeEach(() => {
    writeCoco('train2017', {
      9: [
        { category_id: 1, ...box },
        { category_id: 3, ...box, iscrowd: 1 },
      ],
      30: [
        { category_id: 1, area: 0, bbox: [0, 0, 2, 2] },
        { category_id: 2, area: 4, bbox: [0, 0, 0.5, 8] },
      ],
      42: [
        { category_id: 5, ...box, ignore: 1 },
        { category_id: 80, ...box },
      ],
    });
    writeCoco('val2017', { 8: [{ category_id: 2, ...box }], 139: [] });
  });

  it('reads ids in the order of the list; crowds count, what has no extent or is to be ignored does not', async () => {
    write('img_id.txt', '42\n9\n30\n');
    const { train, test } = (await publishedDataSet('coco-mlt', { root: folder.root, lists: { train: 'img_id.txt' } }))
      .splits;
    const rows = [0, 1, 2].map((i) => [train.pictures.key(i), ...train.labels.row(i).present]);
    expect(rows).toEqual([['42', 79], ['9', 0, 2], ['30']]);
    expect([test?.labels.rows, test?.labels.row(1)]).toEqual([2, { present: Int32Array.of(), absent: 'rest' }]);
  });

  it('takes paths with class indices, and needs no annotations for them', async () => {
    rmSync(join(folder.root, 'annotations'), { recursive: true });
    write('coco_lt_train.txt', 'train2017/000000000042.jpg 79 3 \ntrain2017/000000000030.jpg\n');
    const lists = { train: 'coco_lt_train.txt' };
    const { splits } = await readPublishedSet('coco-mlt', { root: folder.root, lists, splits: ['train'] });
    expect([splits.train.labels.row(0).present, splits.train.labels.row(1).present]).toEqual([
      Int32Array.of(3, 79),
      Int32Array.of(),
    ]);
    expect(splits.train.cocoIds).toEqual([42, 30]);
  });

  it.each([
    ['4711\n', /img_id.txt, line 1, should be an image of train2017, got 4711/],
    ['9\nx\n', /img_id.txt, line 2, should be an image id, got x/],
    ['9\n9\n', /img_id.txt, line 2, should be a picture that is listed once/],
    ['a/000000000009.jpg 80\n', /img_id.txt, line 1, should be class indices below 80, got 80/],
    ['a/000000000009.jpg -1\n', /img_id.txt, line 1, should be class indices below 80, got -1/],
    ['9\n\n30\n', /img_id.txt, line 2, should be text, got a blank line/],
  ])('refuses the list %j', async (list, message) => {
    write('img_id.txt', list);
    await expect(readPublishedSet('coco-mlt', { root: folder.root, lists: { train: 'img_id.txt' } })).rejects.toThrow(
      message,
    );
  });

  it('asks for the list of the training images', async () => {
    await expect(readPublishedSet('coco-mlt', { root: folder.root })).rejects.toThrow(
      /lists.train, should be a file with the published/,
    );
  });

  it('compares the class counts with the published ones', async () => {
    write('img_id.txt', '42\n9\n30\n');
    const { facts } = await checkPublishedSet('coco-mlt', { root: folder.root, lists: { train: 'img_id.txt' } });
    expect(facts).toContainEqual({ what: 'train: images of person', found: 1, expected: '1128', holds: false });
    expect(facts.filter(({ what }) => what.startsWith('train: images of '))).toHaveLength(80);
  });
});

describe('PLT-COCO', () => {
  const vector = (...marks: readonly [number, number][]): number[] =>
    marks.reduce((all, [c, mark]) => all.with(c, mark), new Array<number>(80).fill(0));

  it('reads vectors by file name: 1 present, 0 absent, −1 unknown', async () => {
    for (const id of ['000000000009', '000000000030']) write(`train2017/${id}.jpg`, 'picture');
    write('LT_train.json', { '000000000030.jpg': vector([2, 1], [0, 1]), '000000000009.jpg': vector([1, -1]) });
    const lists = { train: 'LT_train.json' };
    const { splits } = await readPublishedSet('plt-coco', { root: folder.root, lists, splits: ['train'] });
    expect(splits.train.labels.row(0)).toEqual({ present: Int32Array.of(0, 2), absent: 'rest' });
    expect(splits.train.labels.row(1).absent).toHaveLength(79);
    write('LT_train.json', { '000000000030.jpg': [1, 0] });
    await expect(readPublishedSet('plt-coco', { root: folder.root, lists, splits: ['train'] })).rejects.toThrow(
      /LT_train.json, "000000000030.jpg", should be 80 numbers 1, 0 or -1, got \[1,0\]/,
    );
  });

  it('asks for its list', async () => {
    await expect(readPublishedSet('plt-voc', { root: folder.root })).rejects.toThrow(/lists.train/);
  });
});

// The published lists may not be shipped; they are compared with where someone has put them beside the repository.
const published = fileURLToPath(new URL('../../../../../shared/data/voc-mlt.json', import.meta.url));

interface Published {
  readonly pool: { readonly ids: string[]; readonly labels: number[][] };
  readonly train: { readonly ids: string[]; readonly labels: number[][] };
  readonly test: { readonly ids: string[]; readonly labels: number[][] };
}

describe('VOC-MLT', () => {
  const annotation = (labels: readonly number[]): string =>
    `<annotation>${labels.map((c) => `<object><name>${vocClasses[c]}</name><difficult>1</difficult></object>`).join('')}</annotation>`;

  it.skipIf(!existsSync(published))('is rebuilt image by image (needs voc-mlt.json)', { timeout: 60_000 }, async () => {
    const { pool, train, test } = JSON.parse(readFileSync(published, 'utf8')) as Published;
    const folders = [
      ['2012', 'trainval', pool],
      ['2007', 'test', test],
    ] as const;
    for (const [year, split, { ids, labels }] of folders) {
      write(`VOCdevkit/VOC${year}/ImageSets/Main/${split}.txt`, `${[...ids].reverse().join('\n')}\n`);
      for (const [i, id] of ids.entries()) write(`VOCdevkit/VOC${year}/Annotations/${id}.xml`, annotation(labels[i]));
    }
    const { set, facts, missing } = await checkPublishedSet('voc-mlt', { root: folder.root });
    expect(facts.filter(({ holds }) => !holds)).toEqual([]);
    expect(facts.length).toBe(2 + 2 + 40);
    expect(missing).toHaveLength(1142 + 4952);
    const { pictures, labels } = set.splits.train;
    expect(train.ids.map((_, i) => pictures.key(i))).toEqual(train.ids);
    expect(train.ids.map((_, i) => [...labels.row(i).present])).toEqual(train.labels);
  });

  it('refuses a list with an image that is not there', async () => {
    cpSync(fileURLToPath(new URL('../fixtures/readers/voc-mlt/tree', import.meta.url)), folder.root, {
      recursive: true,
    });
    write('lists/other.txt', '2008_000008\n2011_123456\n');
    await expect(
      readPublishedSet('voc-mlt', { root: folder.root, lists: { train: 'lists/other.txt' }, splits: ['train'] }),
    ).rejects.toThrow(/2011_123456.xml/);
  });
});
