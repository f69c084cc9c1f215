import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { repository, stepsOf } from '../../recipes/test/contributing.ts';
import { EditedSources } from '../../recipes/test/edited-sources.ts';

const [[source, sets], [reader, readers], , [, cases]] = stepsOf('Add a data set', { set: 'copied' });
const [[shippedSource], [shippedReader], , [shippedFixture]] = stepsOf('Add a data set', { set: 'cub' });
const sources = new EditedSources();
const root = join(sources.folder, 'copied');

/** CUB again, under another name and title. */
beforeAll(() => {
  sources.addCopy(source, shippedSource, { 'const cub:': 'const copied:', 'CUB-200-2011': 'Copied birds' });
  sources.addCopy(reader, shippedReader, { readCub: 'readCopied' });
  sources.insert(sets, {
    'import { cub }': "import { copied } from './copied.ts';",
    '  cub: NoOptions': '  copied: NoOptions;',
    '  cub,': '  copied,',
  });
  sources.insert(readers, {
    'import { readCub }': "import { readCopied } from './copied.ts';",
    '  cub: readCub': '  copied: readCopied,',
  });
  sources.apply();
  cpSync(join(repository, shippedFixture, 'tree'), root, { recursive: true });
});
afterAll(() => sources.dispose());

it('adding a data set takes its two files, each with its line: the command knows and checks it', async () => {
  const { ltml } = await import('./in-process.ts');
  expect((await ltml('data', 'list')).stdout).toMatch(/^copied +.*https:\/\/www\.vision\.caltech\.edu/m);
  const { code, stdout } = await ltml('data', 'check', 'copied', root);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Copied birds: 3 images of train for train, 2 images of test for test$/m);
  expect(stdout).toMatch(/^wrong {2}train: images +3, expected 5994$/m);
  expect(stdout).toMatch(/^ok {5}class order +as published$/m);
  const as = async (name: string) => {
    const found = JSON.parse((await ltml('data', 'check', name, root, '--json')).stdout) as object;
    return { ...found, set: '', title: '' };
  };
  expect(await as('copied')).toEqual(await as('cub'));
});

it('a recipe trains on it, like on the one that was copied', async () => {
  const { build, resolve, run } = await import('@ltml/recipes/node');
  const train = async (name: string) => {
    const data = { name, root, validation: null };
    const recipe = { data, loss: { name: 'focal' }, features: { views: 0 }, pictures: { size: 16 }, steps: 2 };
    const built = await build(await resolve(recipe), { workers: 0 });
    const folder = join(sources.folder, 'runs', name);
    const { steps, test } = await run(built, { folder, onWarning: () => {} });
    built.dispose();
    return [steps, test?.scores];
  };
  const copied = await train('copied');
  expect(copied).toMatchObject([2, { rows: 2, columns: 3 }]);
  expect(copied).toEqual(await train('cub'));
  const wrong = { data: { name: 'copied', root, difficult: 'unknown' }, loss: { name: 'focal' } };
  await expect(resolve(wrong)).rejects.toThrow(/data: unknown "difficult"/);
});

it('a case of the reader tests names the fixture, and a broken line is refused with its place', async () => {
  expect(readFileSync(join(repository, cases), 'utf8')).toContain(`"${shippedFixture.split('/').at(-1)}/tree"`);
  writeFileSync(join(root, 'image_class_labels.txt'), '1 1\n2 9\n');
  const { ltml } = await import('./in-process.ts');
  const { code, stderr } = await ltml('data', 'check', 'copied', root);
  expect(code).toBe(1);
  expect(stderr).toMatch(/copied: .*image_class_labels\.txt, line 2, should be a class of classes\.txt, got 9/);
});
