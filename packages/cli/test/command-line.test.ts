import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digitsLt } from '@ltml/data';
import { readSafetensors } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ltml } from './in-process.ts';

interface Prediction {
  readonly image: string;
  readonly scores: readonly { readonly class: string; readonly score: number }[];
}

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** In a process of its own, which costs seconds. */
function program(...args: string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, LTML_BACKEND: 'wasm' };
  return spawnSync(process.execPath, ['--import', 'tsx', bin, ...args], { encoding: 'utf8', env });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('ltml', () => {
  it('lists its commands, with exit code 0', async () => {
    const { code, stdout } = await ltml('--help');
    expect(code).toBe(0);
    for (const command of ['train', 'eval', 'predict', 'bench', 'report', 'parity', 'doctor', 'native']) {
      expect(stdout).toContain(`  ${command} `);
    }
  });

  it('shows examples in the help of a command', async () => {
    expect((await ltml('train', '--help')).stdout).toMatch(/Examples:\n {2}ltml train /);
  });

  it('answers wrong usage with exit code 2', async () => {
    expect(program('fly').status).toBe(2);
    expect((await ltml('train')).code).toBe(2);
    const unknown = await ltml('bench', '--rows', 'bce,hinge');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/--rows: unknown "hinge"; known: focal, /);
    const speed = await ltml('bench', '--suite', 'speed', '--rows', 'LADE,hinge');
    expect(speed.code).toBe(2);
    expect(speed.stderr).toMatch(/--rows: unknown "hinge"; known: losses, .*or the beginning of a row's name/);
  });

  it('answers a bad configuration with one line and exit code 2', async () => {
    const { code, stderr } = await ltml('train', write('run.yaml', 'loss: { name: focal }\nsed: 2\n'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ltml: .*run\.yaml:2: unknown "sed" \(seed\?\); known: name, seed, /);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('answers a failure with one line and exit code 1, and with the stack if asked', async () => {
    const gone = join(folder, 'gone');
    const { status, stderr } = program('parity', gone);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/index\.json should be a file, got nothing there/);
    expect((await ltml('--verbose', 'parity', gone)).stderr).toMatch(/\n {4}at /);
  });

  it('says in one line what no command waited for', () => {
    const odd = `process.once('newListener', (event) => {
      if (event === 'uncaughtException') queueMicrotask(() => { throw new Error('odd\\nnews') });
    });`;
    const preload = ['--import', `data:text/javascript,${encodeURIComponent(odd)}`, '--import', 'tsx'];
    const ended = (...args: string[]) => spawnSync(process.execPath, [...preload, bin, ...args], { encoding: 'utf8' });
    const { status, stderr } = ended('config', 'gone.yaml');
    expect({ status, stderr }).toEqual({ status: 1, stderr: 'ltml: odd\\u000anews (--verbose shows where)\n' });
  });

  it('says where there is nothing to report', async () => {
    const { code, stderr } = await ltml('report', folder);
    expect(code).toBe(2);
    expect(stderr).toBe(`ltml: no results of \`ltml bench\` in ${folder}\n`);
  });
});

describe('ltml parity', () => {
  it('ends with the counts, and with exit code 1 if a case failed', async () => {
    write('index.json', JSON.stringify([{ file: 'a.json', function: 'nobodyKnows', inputs: [], outputs: [] }]));
    write('a.json', '{}');
    const skipped = await ltml('parity', folder);
    expect(skipped.stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 0 failed, 1 skipped');
    expect(skipped.code).toBe(0);
    write('index.json', JSON.stringify([{ file: 'a.json', function: 'accuracy', inputs: [], outputs: ['x'] }]));
    const failed = await ltml('parity', folder, '--json');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({ backend: 'wasm', passed: 0, failed: 1, skipped: 0 });
  });
});

describe('ltml train, eval and predict', () => {
  it('train into a run folder whose weights eval and predict use alike', async () => {
    const config = write(
      'run.yaml',
      'loss: { name: focal }\nencoder: { imageSize: 16 }\nfeatures: { views: 0 }\nmethod: { options: { epochs: 2 } }\n',
    );
    const run = join(folder, 'run');
    const trained = await ltml('train', config, '--out', run, '--json');
    expect(trained.stderr).not.toMatch(/ltml:/);
    expect(trained.code).toBe(0);
    const { mAP } = JSON.parse(trained.stdout) as { mAP: Record<string, number> };
    expect(mAP.total).toBeGreaterThan(0.1);
    expect(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'))).toMatchObject({ outcome: 'finished', mAP });
    const evaluated = JSON.parse((await ltml('eval', run, '--json')).stdout) as { mAP: unknown; perClass: unknown[] };
    expect(evaluated.mAP).toEqual(mAP);
    expect(evaluated.perClass).toHaveLength(20);
    const again = await ltml('train', config, '--out', run);
    expect(again.code).toBe(1);
    expect(again.stderr).toMatch(/a new or empty folder/);

    const { test } = await digitsLt();
    for (const i of [0, 1]) {
      const { width, height, pixels } = await test.images.read(i);
      await sharp(pixels, { raw: { width, height, channels: 3 } }).toFile(join(folder, `${i}.png`));
    }
    write('2.png', 'no picture');
    const stored = readSafetensors(readFileSync(join(run, 'predictions.safetensors'))).tensors.get('scores')!;
    const predicted = await ltml('predict', run, folder, '--json', '--skip-broken', '--top', '20');
    expect(predicted.code).toBe(0);
    expect(predicted.stderr).toMatch(/2\.png should be a picture that can be read/);
    expect(predicted.stderr).toMatch(/1 of 3 pictures could not be read/);
    const lines = predicted.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Prediction);
    for (const [i, { image, scores }] of lines.entries()) {
      expect(image).toBe(join(folder, `${i}.png`));
      for (const { class: name, score } of scores) {
        expectClose([score], [Number(stored.data[20 * i + test.classes.indexOf(name)])], {
          relative: 1e-4,
          absolute: 1e-5,
        });
      }
      expect(scores.map(({ score }) => score)).toEqual(scores.map(({ score }) => score).sort((a, b) => b - a));
    }
    expect((await ltml('predict', run, join(folder, '2.png'))).code).toBe(1);
    expect((await ltml('predict', run, join(folder, '3.png'))).stderr).toMatch(/3\.png: no such file or folder/);
  }, 300_000);
});
