import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPublishedSet, publishedDataSet, readPublishedSet, sharedImages } from '../../src/node/index.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/readers/${name}/tree`, import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-published-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function copyOf(name: string): string {
  const copy = mkdtempSync(join(folder, 'set-'));
  cpSync(fixture(name), copy, { recursive: true });
  return copy;
}

describe('publishedDataSet', () => {
  it('gives splits by their roles, decoded as the papers do', async () => {
    const { name, classes, splits } = await publishedDataSet('coco14', { root: fixture('coco14') });
    expect([name, classes.length, classes[79]]).toEqual(['coco14', 80, { name: 'toothbrush', id: '90', seen: true }]);
    expect([splits.train.name, splits.test?.name, splits.validation]).toEqual([
      'coco14/train',
      'coco14/val',
      undefined,
    ]);
    expect([splits.train.labels.rows, splits.train.pictures.length, splits.test?.labels.rows]).toEqual([6, 6, 2]);
    expect(splits.train.pictures).toMatchObject({ mode: 'as-pil' });
    expect(await splits.train.pictures.read(0)).toMatchObject({ height: 12, width: 14 });
    expect(splits.train.pictures.subset?.([2, 0]).key(1)).toBe('500');
  });

  it('takes other splits, options and a mode', async () => {
    const splits = { train: 'trainval', validation: 'test' };
    const options = { difficult: 'unknown' } as const;
    const root = fixture('voc07');
    const set = await publishedDataSet('voc07', { root, splits, options, decode: 'upright', onWarning: () => {} });
    expect([set.splits.train.labels.rows, set.splits.validation?.labels.rows, set.splits.test]).toEqual([
      5,
      2,
      undefined,
    ]);
    expect(set.splits.train.labels.row(0).absent).toHaveLength(17);
    expect(set.splits.train.pictures).toMatchObject({ mode: 'upright' });
  });

  it('searches several folders in turn', async () => {
    const [lists, pictures] = [copyOf('coco14'), copyOf('coco14')];
    for (const split of ['train2014', 'val2014']) rmSync(join(lists, split), { recursive: true });
    rmSync(join(pictures, 'annotations'), { recursive: true });
    const set = await publishedDataSet('coco14', { root: [lists, pictures] });
    await expect(set.splits.train.pictures.read(0)).resolves.toMatchObject({ height: 12 });
  });
});

describe('checkPublishedSet', () => {
  it('compares sizes and order with the published ones, and counts missing pictures', async () => {
    const root = copyOf('voc07');
    rmSync(join(root, 'VOCdevkit/VOC2007/JPEGImages/000026.jpg'));
    const { facts, missing } = await checkPublishedSet('voc07', { root, onWarning: () => {} });
    expect(missing).toEqual(['VOCdevkit/VOC2007/JPEGImages/000026.jpg']);
    expect(facts.slice(0, 4)).toEqual([
      { what: 'classes', found: 20, expected: '20', holds: true },
      { what: 'class order', found: 'as published', expected: 'as published', holds: true },
      { what: 'trainval: images', found: 5, expected: '5011', holds: false },
      { what: 'trainval: present labels', found: 7, expected: '7306', holds: false },
    ]);
    expect(facts).toContainEqual({ what: 'test: images of person', found: 0, expected: '2007', holds: false });
  });

  it('names a missing file', async () => {
    const root = copyOf('coco14');
    rmSync(join(root, 'annotations/instances_val2014.json'));
    const message = 'coco14: annotations/instances_val2014.json should be a file that can be read, got no such file';
    await expect(checkPublishedSet('coco14', { root })).rejects.toThrow(message);
  });
});

describe('sharedImages', () => {
  it('finds images of Visual Genome that COCO tests on, by their ids in COCO (trap 6)', async () => {
    const root = copyOf('coco14');
    const file = join(root, 'annotations/instances_val2014.json');
    // Image 2417 of Visual Genome is 7251 of COCO.
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"id":139', '"id":7251'));
    const genome = await readPublishedSet('vg', { root: fixture('vg'), splits: ['all'], options: { classes: 4 } });
    const coco = await readPublishedSet('coco14', { root, splits: ['val'] });
    expect(sharedImages(genome, coco)).toEqual([{ splits: ['all', 'val'], count: 1, examples: [7251] }]);
  });

  it('finds training images of COCO 2014 among those that 2017 tests on (trap 5)', async () => {
    const later = copyOf('coco14');
    const move = (from: string, to: string): void => renameSync(join(later, from), join(later, to));
    // The same pictures, of which the training images are now for validation.
    move('annotations/instances_train2014.json', 'annotations/instances_val2017.json');
    move('train2014', 'val2017');
    const [one, other] = [
      await readPublishedSet('coco14', { root: fixture('coco14') }),
      await readPublishedSet('coco17', { root: later, splits: ['val'] }),
    ];
    expect(sharedImages(one, other)).toEqual([{ splits: ['train', 'val'], count: 6, examples: [500, 9, 250, 77, 30] }]);
    expect(sharedImages(one, await readPublishedSet('coco14', { root: fixture('coco14'), splits: [] }))).toEqual([]);
  });
});
