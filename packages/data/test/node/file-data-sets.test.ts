import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { denseLabels } from '../../src/index.ts';
import { fileDataSet, readCocoJson, readFolder, readTable, type TableOptions } from '../../src/node/index.ts';
import { folderWith, picture } from './own-files.ts';

const png = await picture(1);

/** The table of two pictures, read. */
async function read(table: string, options: Partial<TableOptions> = {}, file = 'labels.csv') {
  const root = folderWith({ 'a.png': png, 'b.png': await picture(2), [file]: table });
  return readTable({ root, file, ...options });
}

const open = async (table: string, options: Partial<TableOptions> = {}) =>
  fileDataSet(await read(table, options), { name: 'own' });

describe('a table', () => {
  it('has its labels, splits and pictures in the data set', async () => {
    const set = await open('path,labels,split\na.png,cat;dog,train\nb.png,dog,valid\n');
    expect(set.classes.map(({ name }) => name)).toEqual(['cat', 'dog']);
    expect([...denseLabels(set.splits.train.labels).present]).toEqual([1, 1]);
    expect(set.splits.validation?.pictures.key(0)).toBe('b.png');
    expect(set.splits.test).toBeUndefined();
    expect(await set.splits.train.pictures.read(0)).toMatchObject({ height: 32, width: 40 });
  });

  it.each([
    [
      'codes of another kind',
      'path,cat,dog\na.png,+,-\nb.png,,-\n',
      { values: { '+': 'present', '-': 'absent', '': 'unknown' } },
      [1, 1, 0, 1],
    ],
    [
      'unlisted labels that are unknown',
      'path,labels\na.png,cat\nb.png,cat;dog\n',
      { unlisted: 'unknown' },
      [1, 0, 1, 1],
    ],
  ] as const)('reads %s', async (_, table, options, known) => {
    expect([...(denseLabels((await open(table, options)).splits.train.labels).known as Uint8Array)]).toEqual(known);
  });

  it('may name its columns otherwise, be TSV or JSONL, and lie beside pictures in several roots', async () => {
    const columns = { path: 'file', labels: 'tags' };
    expect((await read('file\ttags\na.png\tcat\n', { columns }, 'x.tsv')).pictures[0].place).toBe('x.tsv, line 2');
    expect((await read('{"path":"a.png","cat":1,"dog":null}', {}, 'x.jsonl')).pictures[0].absent).toEqual(
      Int32Array.of(),
    );
    const root = [
      folderWith({ 'x.csv': 'path,labels\na.png,cat\nb.png,\n', 'a.png': png }),
      folderWith({ 'b.png': png }),
    ];
    const { pictures } = await readTable({ root, file: 'x.csv' });
    expect(pictures.map(({ path }) => path)).toEqual([join(root[0], 'a.png'), join(root[1], 'b.png')]);
  });

  it.each([
    [
      'a picture that is missing',
      'path,labels\na.png,cat\nbb.png,dog\n',
      {},
      /labels\.csv, line 3, .*bb\.png, which is missing.*Is it b\.png\?/,
    ],
    [
      'an unknown column',
      'path,tags\na.png,cat\n',
      { columns: { labels: 'tag' } },
      /labels\.csv, line 1, .*column "tag".*is it "tags"/,
    ],
    ['no column of paths', 'file,labels\na.png,cat\n', {}, /column "path"/],
    [
      'a slip in a label',
      'path,labels\na.png,cat\nb.png,dgo\n',
      { classes: ['cat', 'dog'] },
      /line 3.*"dgo" \(is it "dog"\?\)/,
    ],
    [
      'a class whose labels are all unknown',
      'path,cat,dog\na.png,1,?\nb.png,0,\n',
      {},
      /"dog".*unknown labels only, from labels\.csv, line 2 to labels\.csv, line 3/,
    ],
    ['one class', 'path,labels\na.png,cat\nb.png,cat\n', {}, /at least two.*"cat"/],
    ['a split of unknown name', 'path,labels,split\na.png,cat,tran\n', {}, /line 2.*"tran".*Is it "train"/],
    ['no training images', 'path,labels,split\na.png,cat,test\n', {}, /training images.*test/],
    ['a row with a blank line before it', 'path,labels\na.png,cat\n\nb.png,dog\n', {}, /line 3.*2 columns.*got 1/],
    ['a picture that is a folder', 'path,labels\n../x,cat\n', {}, /line 2.*inside the root/],
  ] as const)('refuses %s by file and line', async (_, table, options, message) => {
    await expect(open(table, options as Partial<TableOptions>)).rejects.toThrow(message);
  });

  it('is refused where single labels are several, a root is a file, or the ending is unknown', async () => {
    const list = await read('path,labels\na.png,cat\nb.png,cat;dog\n');
    expect(() => fileDataSet(list, { name: 'own', labels: 'single' })).toThrow(/line 3, should be one label, got 2/);
    const root = folderWith({ 'a.png': png });
    await expect(readTable({ root: join(root, 'a.png'), file: 'x.csv' })).rejects.toThrow(/a folder, got a file/);
    await expect(readTable({ root, file: 'x.xlsx' })).rejects.toThrow(/\.csv, \.tsv, \.jsonl or \.parquet/);
    await expect(readTable({ root, file: 'x.csv' })).rejects.toThrow(/no such file/);
  });

  it('may be Parquet, with labels in a list or a column each, and is refused by its row', async () => {
    const paths = { name: 'path', data: ['a.png', 'b.png'], type: 'STRING' as const };
    const write = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData']) => {
      const root = folderWith({ 'a.png': png, 'b.png': png });
      writeFileSync(join(root, 'labels.parquet'), new Uint8Array(parquetWriteBuffer({ columnData })));
      return readTable({ root, file: 'labels.parquet' });
    };
    const flags = [
      { name: 'cat', data: [1n, 0n], type: 'INT64' as const },
      { name: 'dog', data: [1, null], type: 'DOUBLE' as const, nullable: true },
    ];
    const listed = await write([paths, { name: 'labels', data: ['cat; dog', 'cat'], type: 'STRING' }]);
    const flagged = await write([paths, ...flags]);
    for (const { classes, pictures } of [listed, flagged]) {
      expect(classes.map(({ name }) => name)).toEqual(['cat', 'dog']);
      expect(Array.from(pictures[0].present)).toEqual([0, 1]);
    }
    expect(Array.from(listed.pictures[1].present)).toEqual([0]);
    expect(flagged.pictures[1]).toMatchObject({ present: new Int32Array(), absent: Int32Array.of(0) });
    const slip = { name: 'cat', data: [1n, 2n], type: 'INT64' as const };
    await expect(write([paths, slip])).rejects.toThrow(/labels\.parquet, line 2, .*in the column "cat", got "2"/);
    const root = folderWith({ 'a.parquet': 'no table' });
    await expect(readTable({ root, file: 'a.parquet' })).rejects.toThrow(/a\.parquet should be a Parquet file/);
    await expect(readTable({ root, file: 'b.parquet' })).rejects.toThrow(/b\.parquet .*no such file/);
  });

  it('reads 30,000 rows in seconds', async () => {
    const rows = Array.from({ length: 30_000 }, (_, i) => `p${i}.png,${i % 7};${i % 11}`);
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}.png`, '']));
    const root = folderWith({ ...files, 'x.csv': `path,labels\n${rows.join('\n')}\n` });
    const start = performance.now();
    await expect(readTable({ root, file: 'x.csv' })).rejects.toThrow(/line 102, .*p100\.png, which is missing/);
    expect(performance.now() - start).toBeLessThan(8000);
  });
});

describe('a folder', () => {
  it('may name several classes, and lie in several roots', async () => {
    const one = folderWith({ 'cat+dog/1.png': png, 'dog/2.png': png });
    const other = folderWith({ 'bird/3.png': png, 'dog/4.png': png });
    const { classes, pictures } = await readFolder({ root: [one, other], separator: '+' });
    expect(classes.map(({ name }) => name)).toEqual(['bird', 'cat', 'dog']);
    expect(pictures.map(({ key, present }) => [key, ...present])).toEqual([
      ['bird/3.png', 0],
      ['cat+dog/1.png', 1, 2],
      ['dog/2.png', 2],
      ['dog/4.png', 2],
    ]);
  });

  it('is refused where it is empty, a file or not there', async () => {
    await expect(readFolder({ root: folderWith({}) })).rejects.toThrow(
      /a folder for each class, got one without folders/,
    );
    await expect(readFolder({ root: '/nowhere/at-all' })).rejects.toThrow(/a folder, got nothing there/);
    const root = folderWith({ 'a.png': png });
    await expect(readFolder({ root: join(root, 'a.png') })).rejects.toThrow(/a folder, got a file/);
  });
});

it('a COCO file whose picture is missing, or leaves the folder, is refused by the image', async () => {
  const coco = (name: string) =>
    JSON.stringify({ images: [{ id: 5, file_name: name }], annotations: [], categories: [{ id: 1, name: 'cat' }] });
  const root = folderWith({
    'images/a.png': png,
    'b.png': png,
    'good.json': coco('a.png'),
    'gone.json': coco('c.png'),
    'out.json': coco('../b.png'),
  });
  const open = (annotations: string) => readCocoJson({ root, annotations, images: 'images' });
  expect((await open('good.json')).pictures[0].file).toBe('images/a.png');
  await expect(open('gone.json')).rejects.toThrow(/gone\.json, image 5, .*c\.png, which is missing/);
  await expect(open('out.json')).rejects.toThrow(/out\.json, image 5, .*inside the root/);
});
