import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digitsLt } from '@ltml/data';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ltml } from './in-process.ts';

const before = process.cwd();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

describe('a run of cprfl', () => {
  it('trains, predicts, and draws where the classes look', async () => {
    const { test } = await digitsLt();
    const first = await test.images.read(0);
    mkdirSync(join(folder, 'scenes'));
    await sharp(first.pixels, { raw: { width: first.width, height: first.height, channels: 3 } }).toFile(
      join(folder, 'scenes', 'first.png'),
    );
    writeFileSync(
      join(folder, 'cprfl.yaml'),
      `name: small
data: { name: digits-ml, trainScenes: 400, testScenes: 50 }
features: { views: 0 }
batchSize: 250
loss: { name: distribution-balanced, preset: vocMlt/DB-Focal }
method:
  name: cprfl
  options: { width: 8, vsi: { heads: 2, headWidth: 4, hiddenWidth: 8 }, epochs: 1, schedule: { epochs: 1 } }
`,
    );
    const trained = await ltml('train', 'cprfl.yaml');
    expect(trained.code, trained.stderr).toBe(0);
    const predicted = await ltml('predict', 'runs/small', 'scenes', '--top', '2', '--evidence', 'maps', '--json');
    expect(predicted.code, predicted.stderr).toBe(0);
    const { scores } = JSON.parse(predicted.stdout) as { scores: { class: string }[] };
    const names = scores.map(({ class: name }) => `first.${name.replace(' ', '-')}.png`);
    expect(readdirSync(join(folder, 'maps')).sort()).toEqual(names.sort());
    const { width, height } = await sharp(join(folder, 'maps', names[0])).metadata();
    expect([width, height]).toEqual([256, 256]);
  }, 300_000);
});
