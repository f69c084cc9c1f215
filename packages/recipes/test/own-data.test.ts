import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '@ltml/train/node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, evaluate, loadModel, readDataSet, resolve, run, splitImages } from '../src/node/index.ts';

let folder: string;
let root: string;

/** Pictures of several sizes: `red` ones are red on the left, `blue` ones on the right. */
async function write(file: string, i: number, red: boolean, blue: boolean): Promise<void> {
  const [width, height] = [30 + 7 * (i % 4), 24 + 5 * (i % 3)];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const left = Math.floor(at / 3) % width < width / 2;
    const level = at % 3 === 0 && left && red ? 230 : at % 3 === 2 && !left && blue ? 230 : 60;
    return level + ((at * 31 + i * 17) % 20);
  });
  mkdirSync(dirname(join(root, file)), { recursive: true });
  await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(join(root, file));
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-own-data-'));
  root = join(folder, 'pictures');
  const rows = ['path,labels,split'];
  for (let i = 0; i < 60; i++) {
    const [red, blue] = [i % 2 === 0, i % 3 === 0];
    const split = i < 36 ? 'train' : i < 48 ? 'val' : 'test';
    const file = `${i}.${i % 2 ? 'jpg' : 'png'}`;
    await write(file, i, red, blue);
    rows.push(`${file},${[red && 'red', blue && 'blue'].filter(Boolean).join(';')},${split}`);
    if (i < 24) await write(`../classes/${red ? 'red' : 'blue'}/${i}.png`, i, red, !red);
  }
  writeFileSync(join(root, 'all.csv'), rows.join('\n'));
  const without = (name: string) => rows.filter((row) => !row.endsWith(`,${name}`)).join('\n');
  writeFileSync(join(root, 'no-val.csv'), without('val'));
  writeFileSync(join(root, 'no-test.csv'), without('test'));
  writeFileSync(join(root, 'train.csv'), rows.map((row) => row.slice(0, row.lastIndexOf(','))).join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const recipe = (file: string, rest: object = {}) => ({
  data: { name: 'table', root, file },
  features: { views: 0 },
  loss: { name: 'focal' },
  method: { options: { epochs: 2 } },
  ...rest,
});
const rowsOf = async (value: object) => {
  const built = await build(await resolve(value));
  const { train, validation, test, ownValidation, protocol } = built.splits;
  built.dispose();
  return {
    rows: [train.labels.rows, validation?.labels.rows ?? 0, test.labels.rows] as const,
    ownValidation,
    same: test === validation,
    protocol,
  };
};

describe('the splits of a table', () => {
  it('are its own', async () => {
    expect(await rowsOf(recipe('all.csv'))).toMatchObject({ rows: [36, 12, 12], ownValidation: true, same: false });
  });

  it('have validation images held out of train where there are none', async () => {
    const { rows, ownValidation } = await rowsOf(recipe('no-val.csv'));
    expect([rows[0] + rows[1], rows[2], ownValidation]).toEqual([36, 12, false]);
    expect(rows[1]).toBeGreaterThan(2);
  });

  it('are scored on validation images where there is no test, and refused where there is neither', async () => {
    expect(await rowsOf(recipe('no-test.csv'))).toMatchObject({ rows: [36, 12, 12], same: true });
    expect(await rowsOf(recipe('train.csv'))).toMatchObject({ same: true, ownValidation: false });
    const neither = recipe('train.csv', { data: { name: 'table', root, file: 'train.csv', validation: null } });
    await expect(build(await resolve(neither))).rejects.toThrow(/data: no test images and no held-out images/);
    const published = recipe('train.csv', { evaluation: { selection: 'published' } });
    await expect(build(await resolve(published))).rejects.toThrow(/evaluation\.selection: published: .*no test images/);
  });
});

describe('a folder of classes', () => {
  it('has one label an image, and is compared by accuracy', async () => {
    const data = { name: 'folder', root: join(folder, 'classes') };
    const { protocol, rows } = await rowsOf(recipe('', { data }));
    expect([protocol.labels, rows[0] + rows[1]]).toEqual(['single', 24]);
    const result = await run(
      await build(await resolve(recipe('', { data, evaluation: { select: { metric: 'accuracy' } } }))),
      {
        folder: join(folder, 'single'),
      },
    );
    expect(Object.keys(result.metrics ?? {})).toContain('accuracy');
  });

  it('finds its splits by the names of its folders, and takes a class of such a name for a class', async () => {
    for (const [split, i] of [
      ['train', 1],
      ['val', 2],
    ] as const) {
      for (const name of ['a', 'b']) await write(`../splits/${split}/${name}/${i}.png`, i, name === 'a', false);
    }
    for (const name of ['train', 'car']) await write(`../vehicles/${name}/1.png`, 1, name === 'car', false);
    writeFileSync(join(folder, 'splits.yaml'), `data: { name: folder, root: ${join(folder, 'splits')} }`);
    writeFileSync(join(folder, 'vehicles.yaml'), `data: { name: folder, root: ${join(folder, 'vehicles')} }`);
    const { classes, splits } = await readDataSet(join(folder, 'splits.yaml'));
    expect([classes.map(({ name }) => name), splits.validation?.labels.rows]).toEqual([['a', 'b'], 2]);
    expect((await readDataSet(join(folder, 'vehicles.yaml'))).classes.map(({ name }) => name)).toEqual([
      'car',
      'train',
    ]);
    await expect(readDataSet(join(folder, 'splits.yaml'), ['data.root=/nowhere'])).rejects.toThrow(
      /a folder, got nothing there/,
    );
  });
});

it('a run of a table trains, its model finds the scored images again, and the decoder is on record (trap 35)', async () => {
  const built = await build(await resolve(recipe('no-test.csv', { name: 'own', method: { options: { epochs: 3 } } })));
  const result = await run(built, { folder: join(folder, 'run') });
  built.dispose();
  expect(Object.keys(result.metrics ?? {})).toEqual(expect.arrayContaining(['mAP', 'CF1', 'OF1']));
  expect(result.test?.scores.rows).toBe(12);
  const [{ versions }] = JSON.parse(readFileSync(join(folder, 'run', 'environment.json'), 'utf8')) as Environment[];
  expect(versions).toMatchObject({ sharp: sharp.versions.sharp, vips: sharp.versions.vips });
  const model = await loadModel(join(folder, 'run'));
  const scores = await evaluate(model);
  const images = await splitImages(model.data, model.recipe.seed, 'train');
  const others = await evaluate(model, { images });
  model.dispose();
  expect(Array.from(scores.scores)).toEqual(Array.from(result.test?.scores.scores as Float32Array));
  expect([others.rows, others.columns]).toEqual([36, 2]);
});
