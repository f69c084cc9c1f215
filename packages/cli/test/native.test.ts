import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { registerNative } from '../src/commands/native.ts';
import { progressPrinter } from '../src/run/native.ts';

let cache: string;
let printed: string[];
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'ltml-cli-native-'));
  vi.stubEnv('LTML_CACHE', cache);
  printed = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text).trimEnd()) > 0);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(cache, { recursive: true });
});

async function ltml(...args: string[]): Promise<void> {
  const program = new Command().exitOverride();
  registerNative(program);
  await program.parseAsync(args, { from: 'user' });
}

test('without engines, list says how to build one, or prints an empty list as JSON', async () => {
  await ltml('native', 'list');
  await ltml('native', 'list', '--json');
  expect(printed).toEqual(['none; `ltml native install` builds one', '[]']);
});

test('a broken record is named by list, and removed by name', async () => {
  const record = join(cache, 'native', '2.21.0-napi8-cpu.json');
  mkdirSync(join(cache, 'native'));
  writeFileSync(record, '{"name": "2.21');
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await ltml('native', 'list');
  expect(printed).toEqual(['none; `ltml native install` builds one']);
  expect(errors.mock.calls.join()).toContain(`${record} is broken`);
  await ltml('native', 'remove', '2.21.0-napi8-cpu');
  expect(existsSync(record)).toBe(false);
});

test('test and remove of an engine that is not there are refused', async () => {
  await expect(ltml('native', 'test')).rejects.toThrow(/no native engine is installed/);
  await expect(ltml('native', 'remove', '2.21.0-napi8-cpu')).rejects.toThrow(/no native engine is installed/);
});

test('--tensorflow and --from exclude each other', async () => {
  const both = ltml('native', 'install', '--tensorflow', '2.18.0', '--from', cache);
  await expect(both).rejects.toThrow(/give --tensorflow or --from, not both/);
});

test('elsewhere than on a terminal, progress is a line at the start of each step', () => {
  const lines: string[] = [];
  const print = progressPrinter({ isTTY: false, write: (text) => lines.push(String(text)) > 0 });
  print('fetch', 0);
  for (const fraction of [0.001, 0.3, 0.31, 1]) print('unpack', fraction);
  print('compile', 0);
  expect(lines).toEqual([
    'downloading the TensorFlow wheel with pip\n',
    'unpacking libtensorflow\n',
    "compiling tfjs-node's addon\n",
  ]);
});

test('on a terminal, progress is a bar that moves', () => {
  let text = '';
  const write = (part: unknown): boolean => {
    text += part;
    return true;
  };
  const print = progressPrinter({ isTTY: true, write });
  for (const fraction of [0, 0.5, 0.501, 1]) print('unpack', fraction);
  print('test', 0);
  expect(text.split('\r')).toHaveLength(4);
  expect(text).toContain(`${'#'.repeat(15)}${'.'.repeat(15)} 50 %`);
  expect(text).toMatch(/100 %\ntesting the engine\n$/);
});
