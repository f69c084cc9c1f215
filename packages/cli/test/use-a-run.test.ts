import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelDescription } from '@ltml/recipes';
import { readDataSet } from '@ltml/recipes/node';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeOwnPictures } from '../src/run/own-pictures.ts';
import { ltml } from './in-process.ts';

let folder: string;
let run: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-use-'));
  run = join(folder, 'run');
  await writeOwnPictures(join(folder, 'photos'), 90, 0);
  const recipe = join(folder, 'run.yaml');
  writeFileSync(
    recipe,
    `data: { name: table, root: ${join(folder, 'photos')}, file: labels.csv, validation: { share: 0.3 } }
loss: { name: focal }
features: { views: 0 }
method: { options: { epochs: 12, optimizer: { learningRate: 0.05 } } }
`,
  );
  const { code, stderr } = await ltml('train', recipe, '--out', run);
  expect(code, stderr).toBe(0);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

const description = () => JSON.parse(readFileSync(join(run, 'model', 'model.json'), 'utf8')) as ModelDescription;
const classes = () => description().classes.map(({ name }) => name);
const lines = (path: string) => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('ltml tune', () => {
  it('keeps a threshold for all classes and a temperature in the model, as JSON too', async () => {
    const { stdout } = await ltml('tune', run, '--thresholds', 'one', '--json', '--plot', join(folder, 'plot.svg'));
    const { thresholds, plot } = JSON.parse(stdout) as { thresholds: number[]; plot: string };
    expect(new Set(thresholds).size).toBe(1);
    expect(description().thresholds).toEqual(thresholds);
    expect(existsSync(plot)).toBe(true);
  });

  it('keeps thresholds of each class, and draws the reliability', async () => {
    const { code, stdout, stderr } = await ltml('tune', run);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^per-class \(chosen\) .*\n/m);
    const { thresholds, calibration, classes } = description();
    expect(thresholds).toHaveLength(classes.length);
    expect(calibration?.temperature).toBeGreaterThan(0);
    const errors = stdout
      .match(/calibration error (\S+) % before, (\S+) % after/)
      ?.slice(1)
      .map(Number);
    expect(errors).toHaveLength(2);
    expect(readFileSync(join(run, 'reliability.svg'), 'utf8')).toMatch(/^<svg .*xmlns=/);
  });
});

describe('ltml eval', () => {
  it('reports by the thresholds that were chosen, and writes tables and a page', async () => {
    const out = join(folder, 'report');
    const { code, stdout, stderr } = await ltml('eval', run, '--out', out, '--pictures', '2');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^30 images, last weights, labels by thresholds$/m);
    expect(stdout).toMatch(/^total +\d+ +\d/m);
    expect(stdout).toMatch(/^calibration error /m);
    const [head, ...rows] = lines(join(out, 'per-class.csv'));
    expect(head).toBe('class,group,training images,positives,AP,threshold,precision,recall,F1');
    expect(rows).toHaveLength(description().classes.length);
    const page = readFileSync(join(out, 'index.html'), 'utf8');
    expect(page).toMatch(/<img src="data:image\/jpeg;base64,/);
    expect(page).not.toMatch(/<script|(src|href)="http/);
  });
});

describe('ltml predict', () => {
  const photos = () => join(folder, 'photos', 'test');
  const inOrder = () =>
    readdirSync(photos())
      .sort()
      .map((name) => join(photos(), name));

  it('writes a table of every picture, by the thresholds of the model, that the table reader reads', async () => {
    const out = join(folder, 'predictions.csv');
    const { code, stderr } = await ltml('predict', run, photos(), '--out', out);
    expect(code, stderr).toBe(0);
    const [head, ...rows] = lines(out);
    expect(head).toBe(`path,labels,error,${classes().join(',')}`);
    expect(rows.map((row) => row.slice(0, row.indexOf(',')))).toEqual(inOrder());
    expect(existsSync(`${out}.partial`) || existsSync(`${out}.partial.json`)).toBe(false);
    const again = await ltml('predict', run, photos(), '--out', out);
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/predictions\.csv: exists already/);
  });

  it.each(['csv', 'jsonl', 'parquet'] as const)(
    'goes on with %s wherever it was killed, to the same file',
    async (format) => {
      const [good] = inOrder();
      const late = join(folder, 'late, "last".png');
      writeFileSync(late, 'no picture');
      const [whole, killed] = ['whole', 'killed'].map((name) => join(folder, `${name}.${format}`));
      // More than a batch, so that some are written before the broken one ends the command.
      const args = ['predict', run, ...Array.from({ length: 40 }, () => good), late];
      expect((await ltml(...args, '--out', killed)).code).toBe(1);
      expect(existsSync(killed)).toBe(false);
      const grown = readFileSync(`${killed}.partial`);
      const settings = readFileSync(`${killed}.partial.json`);
      expect(grown.length).toBeGreaterThan(100);

      copyFileSync(good, late);
      expect((await ltml(...args, '--out', whole)).code).toBe(0);
      const cuts = {
        csv: [0, 20, grown.length - 1, grown.length],
        jsonl: [grown.length / 2],
        parquet: [grown.length / 2],
      };
      for (const cut of cuts[format]) {
        writeFileSync(`${killed}.partial`, grown.subarray(0, cut));
        writeFileSync(`${killed}.partial.json`, settings);
        const { code, stderr } = await ltml(...args, '--out', killed);
        expect(code, stderr).toBe(0);
        expect(readFileSync(killed).equals(readFileSync(whole)), `cut at ${cut}`).toBe(true);
        rmSync(killed);
      }
    },
  );

  it('says of pictures that can’t be read why, and counts them', async () => {
    const broken = join(folder, 'broken.png');
    writeFileSync(broken, 'no picture');
    const [good] = inOrder();
    const args = ['predict', run, good, broken, good];
    expect((await ltml(...args, '--out', join(folder, 'refused.csv'))).code).toBe(1);
    const { code, stderr, stdout } = await ltml(...args, '--out', join(folder, 'skipped.jsonl'), '--skip-broken');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/1 of 3 pictures could not be read/);
    expect(stdout).toMatch(/3 pictures in /);
    const records = lines(join(folder, 'skipped.jsonl')).map((line) => JSON.parse(line));
    expect(records.map(({ image }) => image)).toEqual([good, broken, good]);
    expect(records[1].error).toMatch(/broken\.png/);
    expect(records[2]).toEqual(records[0]);
  });

  it('gives Parquet the values of the table', async () => {
    const file = readFileSync(join(folder, 'whole.parquet'));
    const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
    const rows = await parquetReadObjects({ file: bytes });
    const [, ...table] = lines(join(folder, 'whole.csv'));
    expect(rows).toHaveLength(41);
    expect(rows[40].path).toBe(join(folder, 'late, "last".png'));
    for (const [i, row] of rows.entries()) {
      const values = table[i].split(',').slice(-classes().length).map(Number);
      expect(classes().map((name) => Math.fround(Number(row[name])))).toEqual(values.map(Math.fround));
    }
  });

  it('refuses to go on with what was begun otherwise', async () => {
    const out = join(folder, 'other.csv');
    const [good] = inOrder();
    const broken = join(folder, 'broken.png');
    expect((await ltml('predict', run, ...Array.from({ length: 32 }, () => good), broken, '--out', out)).code).toBe(1);
    const cropped = await ltml('predict', run, good, '--out', out, '--tta', 'five-crop');
    expect(cropped.code).toBe(2);
    expect(cropped.stderr).toMatch(/was begun with another model or other options/);
    const { code, stderr } = await ltml('predict', run, inOrder()[1], good, '--out', out);
    expect(code).toBe(2);
    expect(stderr).toMatch(/was begun with other pictures: it has .*0000\.jpg where the next picture is .*0001/);
  });

  it('averages views: mirrored, cropped, scaled', async () => {
    const [good] = inOrder();
    const scores = async (...more: string[]) => {
      const { stdout, stderr } = await ltml('predict', run, good, '--json', '--top', '20', ...more);
      expect(stderr).toBe('');
      return (JSON.parse(stdout) as { scores: { class: string; score: number }[] }).scores;
    };
    const plain = await scores();
    for (const views of ['flip', 'five-crop', 'scales']) {
      const other = await scores('--tta', views);
      expect(other.map((row) => row.class).sort()).toEqual(plain.map((row) => row.class).sort());
      expect(other).not.toEqual(plain);
    }
  });
});

describe('ltml errors', () => {
  it('ranks likely label errors of held-out images, and writes labels that the table reader reads', async () => {
    const out = join(folder, 'errors');
    const { code, stdout, stderr } = await ltml('errors', run, '--out', out);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^\d+ images, \d+ likely label errors, \d+ groups of near duplicates$/m);
    const [head, ...issues] = lines(join(out, 'issues.csv'));
    expect(head).toBe('path,split,class,label,likely,confidence in the label');
    const recipe = join(folder, 'cleaned.yaml');
    copyFileSync(join(out, 'labels.csv'), join(folder, 'photos', 'cleaned.csv'));
    writeFileSync(recipe, `data: { name: table, root: ${join(folder, 'photos')}, file: cleaned.csv }\n`);
    const { splits } = await readDataSet(recipe);
    expect(splits.test?.labels.rows).toBe(30);
    expect(splits.train.labels.rows + (splits.validation?.labels.rows ?? 0)).toBe(90);
    const doubted = lines(join(out, 'labels.csv')).filter((row) => row.includes('?'));
    expect(doubted).toHaveLength(new Set(issues.map((row) => row.split(',')[0])).size);
  });
});

describe('wrong command lines', () => {
  it.each([
    [['tune', 'gone'], /no run or model in gone/],
    [['tune', 'gone', '--precision', '0.5'], /--precision: is for --thresholds precision/],
    [['tune', 'gone', '--thresholds', 'precision', '--precision', '95'], /--precision: should be a fraction/],
    [['tune', 'gone', '--thresholds', 'best'], /Allowed choices are per-class, one, precision, mcut/],
    [['eval', 'gone', '--data', 'gone.yaml'], /gone\.yaml: .*no such file/],
    [['eval', 'gone', '--pictures', '-1'], /should be a whole number from 0/],
    [['eval', 'gone', '--out', 'package.json'], /--out package\.json: is a file, not a folder/],
    [['predict', 'gone', 'package.json', '--format', 'parquet'], /--format parquet: needs a file \(--out\)/],
    [['predict', 'gone', 'package.json', '--out', 'x.txt'], /--out x\.txt: should end in \.jsonl/],
    [['predict', 'gone', 'package.json', '--out', 'x.csv', '--format', 'table'], /is for a terminal/],
    [
      ['predict', 'package.json', '--labels', 'a,b', '--tta', 'flip'],
      /--tta: needs a model, and package\.json is none/,
    ],
    [['errors', 'gone', '--split', 'train'], /Allowed choices are validation, test, both/],
  ] as const)('are answered with exit code 2: %j', async (args, message) => {
    const { code, stderr } = await ltml(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
