import { expect, it } from 'vitest';
import { readPublishedSet } from '../../src/node/index.ts';
import { setFolder } from './set-folder.ts';

const folder = setFolder();
const { write } = folder;

const mimic = 'labels/mimic-cxr-lt_single-label_train.csv';
const read = () => readPublishedSet('mimic-cxr-lt', { root: folder.root, splits: ['train'] });

it('reads paths and findings of MIMIC-CXR-LT', async () => {
  write('files/p1/s1/a.jpg', 'picture');
  write('files/p1/s2/b.jpg', 'picture');
  const rows = ['1,2,x,files/p1/s2/b.jpg,0,1', '1,1,y,files/p1/s1/a.jpg,1,0'];
  write(mimic, `subject_id,study_id,dicom_id,path,Atelectasis,No Finding\n${rows.join('\n')}\n`);
  const { classes, splits } = await read();
  expect(classes.map(({ name }) => name)).toEqual(['Atelectasis', 'No Finding']);
  expect([splits.train.pictures.key(0), splits.train.labels.row(0).present]).toEqual([
    'files/p1/s2/b.jpg',
    Int32Array.of(1),
  ]);
});

it('reads file names of NIH-CXR-LT, below images or not', async () => {
  write('images/00000001_000.png', 'picture');
  write('00000002_000.png', 'picture');
  write(
    'nih-cxr-lt_single-label_train.csv',
    'id,Hernia,Mass,subject_id\n00000001_000.png,0,1,1\n00000002_000.png,1,0,2\n',
  );
  const { splits } = await readPublishedSet('nih-cxr-lt', { root: folder.root, splits: ['train'] });
  expect([0, 1].map((i) => splits.train.pictures.file(i))).toEqual(['images/00000001_000.png', '00000002_000.png']);
});

it.each([
  ['path,A,B\na.jpg,1,1\n', /line 2, should be one finding, got 2/],
  ['path,A,B\na.jpg,1,x\n', /line 2, should be 1 or 0 in "B", got "x"/],
  ['path,A,B\na.jpg,1\n', /line 2, should be a row of 3 columns/],
  ['A,B\n1,0\n', /line 1, should be a column "path" or "id", got A, B/],
  ['path,A,B\nb.jpg,1,0\n', /line 2, should be a picture that exists, got b.jpg/],
])('refuses %j', async (text, message) => {
  write('a.jpg', 'picture');
  write(mimic, text);
  await expect(read()).rejects.toThrow(message);
});
