import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
  mkdirSync(join(folder, 'folder'));
  mkdirSync(join(folder, 'cut', 'quick'), { recursive: true });
  for (const [name, text] of [
    ['file', ''],
    ['text.safetensors', 'no weights'],
    ['empty.png', ''],
    ['cut/quick/suite.json', '{"title": '],
  ]) {
    writeFileSync(join(folder, name), text);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  [2, ['weights', 'inspect', 'gone'], /gone: no such file or folder/],
  [2, ['weights', 'inspect', 'folder'], /folder: is a folder, not a file/],
  [1, ['weights', 'inspect', 'text.safetensors'], /got/],
  [1, ['weights', 'inspect', 'file'], /got/],
  [2, ['report', 'gone'], /no results of `ltml bench` in gone/],
  [2, ['report', 'folder'], /no results of `ltml bench` in folder/],
  [1, ['report', 'cut'], /cut\/quick\/suite\.json/],
  [2, ['bench', '--rows', 'bce', '--out', 'file'], /--out file: is a file, not a folder/],
  [2, ['data', 'check', 'nus-wide', 'gone'], /gone is no folder/],
  [2, ['data', 'scenes', 'file'], /file: is a file, not a folder/],
  [2, ['data', 'scenes', 'folder', '--count', '100000'], /--count: should be at most/],
  [2, ['predict', 'gone', '--labels', 'red two, red three'], /gone: no such file or folder/],
  [2, ['predict', 'folder', '--labels', 'red two, red three'], /folder: no pictures in it/],
  [2, ['predict', 'empty.png', '--labels', 'red two'], /alone/],
  [2, ['predict', 'empty.png', '--labels', 'red two, red three', '--evidence', 'file'], /--evidence file: is a file/],
  [2, ['predict', 'empty.png', '--labels-file', 'folder'], /--labels-file: .*is a folder/],
  [1, ['predict', 'empty.png', '--labels', 'red two, red three'], /empty\.png/],
  [2, ['eval', 'gone'], /no run in gone/],
  [2, ['eval', 'folder'], /no run in folder/],
  [2, ['eval', 'file'], /no run in file/],
  [2, ['predict', 'gone', 'empty.png'], /no run in gone/],
  [2, ['train', 'gone\u001b[2J.yaml'], /gone\\u001b\[2J\.yaml/],
  [1, ['parity', 'gone'], /index\.json should be a file/],
] as const)(
  'exit code %i and one line: ltml %j',
  (code, args, message) => {
    const env = { ...process.env, LTML_BACKEND: 'wasm' };
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', tsx, bin, ...args], {
      encoding: 'utf8',
      env,
      cwd: folder,
    });
    const lines = stderr
      .trimEnd()
      .split('\n')
      .filter((line) => line.startsWith('ltml: '));
    expect(lines, stderr).toHaveLength(1);
    expect(lines[0]).toMatch(message);
    expect(lines[0]).not.toMatch(/--verbose tells where/);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(stdout).toBe('');
    expect(status).toBe(code);
  },
  60_000,
);
