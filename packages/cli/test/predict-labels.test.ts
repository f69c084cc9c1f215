import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digitsLt } from '@ltml/data';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ltml } from './in-process.ts';

const before = process.cwd();
let folder: string;
/** Names of what is in the scenes, in the order of the files. */
const contents: string[][] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
  // Printed paths are those that were given.
  process.chdir(folder);
  mkdirSync(join(folder, 'scenes'));
  const { test } = await digitsLt({ unseenClasses: true });
  const { classes, labels, images } = test;
  for (let i = 0; i < 6; i++) {
    contents.push(classes.filter((_, c) => labels.present[i * labels.columns + c] === 1));
    const { width, height, pixels } = await images.read(i);
    await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(join(folder, 'scenes', `${i}.png`));
  }
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

const predict = (...args: readonly string[]) => ltml('predict', ...args);

interface Line {
  readonly image: string;
  readonly scores: readonly { readonly class: string; readonly score: number }[];
}

const digits = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const names = ['red', 'blue', 'green'].flatMap((ink) => digits.map((digit) => `${ink} ${digit}`));

describe('ltml predict with labels', () => {
  it('ranks labels for each picture of a folder, a line of JSON each', async () => {
    const { stdout, stderr, code } = await predict('scenes', '--labels', names.join(', '), '--json', '--top', '3');
    expect(code, stderr).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect(lines.map(({ image }) => image)).toEqual(contents.map((_, i) => join('scenes', `${i}.png`)));
    const found = lines.filter(({ scores }, i) => contents[i].includes(scores[0].class));
    expect(found.length).toBeGreaterThanOrEqual(5);
    for (const { scores } of lines) {
      expect(scores.length).toBe(3);
      expect(scores.map(({ score }) => score)).toEqual(scores.map(({ score }) => score).sort((a, b) => b - a));
    }
  });

  it('prints a table, and writes a map of the evidence for each printed label', async () => {
    const image = join('scenes', '0.png');
    const { stdout, stderr, code } = await predict(
      image,
      '--labels',
      'red three, green seven',
      '--evidence',
      'maps',
      '--top',
      '1',
    );
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^scenes.0\.png\n {2}(red three|green seven) {2}-?\d\.\d{3}\n$/);
    const maps = readdirSync(join(folder, 'maps'));
    expect(maps.length).toBe(1);
    expect(maps[0]).toMatch(/^0\.(red-three|green-seven)\.png$/);
    const { width, height, format } = await sharp(join(folder, 'maps', maps[0])).metadata();
    expect({ width, height, format }).toEqual({ width: 256, height: 256, format: 'png' });
    expect(
      await sharp(join(folder, 'maps', maps[0]))
        .raw()
        .toBuffer(),
    ).not.toEqual(await sharp(join(folder, image)).raw().toBuffer());
  });

  it('reads labels from a file, and goes on after a broken picture if asked to', async () => {
    writeFileSync(join(folder, 'labels.txt'), 'red three\n\ngreen seven\n');
    writeFileSync(join(folder, 'broken.png'), 'no picture');
    const args = ['broken.png', join('scenes', '1.png'), '--labels-file', 'labels.txt', '--json'];
    const refused = await predict(...args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/broken\.png/);
    const { stdout, stderr, code } = await predict(...args, '--skip-broken');
    expect(code).toBe(0);
    expect(stdout.trim().split('\n').length).toBe(1);
    expect(stderr).toMatch(/1 of 2 pictures could not be read/);
  });

  it('looks at pictures upright, as people do, and shades what it looked at; --as-stored leaves them as they lie', async () => {
    const upright = join('scenes', '2.png');
    const onItsSide = sharp(join(folder, upright)).rotate(270);
    mkdirSync(join(folder, 'turned'));
    await onItsSide
      .clone()
      .png()
      .toFile(join(folder, 'turned', 'lying.png'));
    await onItsSide
      .clone()
      .withMetadata({ orientation: 6 })
      .png()
      .toFile(join(folder, 'turned', 'marked.png'));
    const args = ['--labels', names.join(', '), '--json', '--top', '1'];
    const scores = (stdout: string) =>
      stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as Line).scores);
    const turned = ['turned/marked.png', upright, 'turned/lying.png'];
    const [marked, straight, lying] = scores((await predict(...turned, ...args, '--evidence', 'seen')).stdout);
    expect(marked).toEqual(straight);
    expect(marked).not.toEqual(lying);
    const map = (name: string) =>
      sharp(join(folder, 'seen', `${name}.${marked[0].class.replace(' ', '-')}.png`))
        .raw()
        .toBuffer();
    expect(await map('marked')).toEqual(await map('2'));
    const stored = scores((await predict(...turned, ...args, '--as-stored')).stdout);
    expect(stored).toEqual([lying, straight, lying]);
  });

  it('writes a map for each of two pictures of one name', async () => {
    mkdirSync(join(folder, 'again'));
    copyFileSync(join(folder, 'scenes', '1.png'), join(folder, 'again', '0.png'));
    const args = ['again/0.png', 'scenes/0.png', '--labels', 'red three, red-three', '--evidence', 'apart'];
    const { code, stderr } = await predict(...args);
    expect(code, stderr).toBe(0);
    expect(readdirSync(join(folder, 'apart'))).toHaveLength(4);
  });

  it('names the words that the network has never seen', async () => {
    const { stderr, code } = await predict(join('scenes', '0.png'), '--labels', 'cat, big dog, red three');
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^warning: .* has never seen cat, big, dog: /m);
    expect((await predict(join('scenes', '0.png'), '--labels', 'Red three, green seven')).stderr).not.toMatch(
      /warning/,
    );
  });

  it('takes the pictures in the folders of a folder, and shows names that a terminal would obey', async () => {
    mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
    copyFileSync(join(folder, 'scenes', '0.png'), join(folder, 'deep', 'er', 'new\nline\u001b[2J\u202e.png'));
    const args = ['deep', '--labels', 'red three, green seven', '--top', '1'];
    const { stdout, stderr, code } = await predict(...args);
    expect(code, stderr).toBe(0);
    expect(stdout.split('\n')[0]).toBe(join('deep', 'er', 'new\\u000aline\\u001b[2J\\u202e.png'));
    const [line] = (await predict(...args, '--json')).stdout.split('\n');
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
    expect((JSON.parse(line) as Line).image).toBe(join('deep', 'er', 'new\nline\u001b[2J\u202e.png'));
  });

  it.each([
    [['scenes', '--labels', ' , '], /--labels: gives no label/],
    [['scenes', '--labels', 'red three, red three'], /"red three" is given twice/],
    [['nowhere.png', '--labels', 'red three, red two'], /nowhere\.png: no such file or folder/],
    [['scenes', '--labels', 'red three'], /only "red three"; scores rank labels within a list/],
    [['scenes', '--labels', 'a', '--labels-file', 'b'], /give only one of them/],
    [['scenes', '--labels-file', 'none.txt'], /--labels-file: none\.txt: no such file or folder/],
    [['scenes', '--labels', 'a', '--best'], /--best: needs a model, and scenes is none/],
    [['runs/bce'], /give pictures after the model/],
    [['runs/bce', 'scenes', '--template', 'a {}'], /--template: is for labels without a model/],
  ] as const)('answers %j with exit code 2', async (args, message) => {
    const { code, stderr } = await predict(...args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
