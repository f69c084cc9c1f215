import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function ltml(...args: string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, LTML_BACKEND: 'wasm' };
  return spawnSync(process.execPath, ['--import', 'tsx', bin, ...args], { encoding: 'utf8', env });
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('ltml', () => {
  it('lists its commands, with exit code 0', () => {
    const { status, stdout } = ltml('--help');
    expect(status).toBe(0);
    for (const command of ['train', 'eval', 'bench', 'report', 'parity', 'doctor', 'native']) {
      expect(stdout).toContain(`  ${command} `);
    }
  });

  it('shows examples in the help of a command', () => {
    expect(ltml('train', '--help').stdout).toMatch(/Examples:\n {2}ltml train /);
  });

  it('answers wrong usage with exit code 2', () => {
    expect(ltml('fly').status).toBe(2);
    expect(ltml('train').status).toBe(2);
    const unknown = ltml('bench', '--methods', 'bce,hinge');
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toMatch(/--methods: unknown "hinge"; known: bce, rs, /);
  });

  it('answers a bad configuration with one line and exit code 2', () => {
    const { status, stderr } = ltml('train', write('run.yaml', 'loss: { name: focal }\nsed: 2\n'));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^ltml: .*run\.yaml:2: unknown "sed"; known: name, seed, /);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('answers a failure with one line and exit code 1, and with the stack if asked', () => {
    const { status, stderr } = ltml('report', folder);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/a folder that `ltml bench` wrote/);
    expect(ltml('--verbose', 'report', folder).stderr).toMatch(/\n {4}at /);
  });
});

describe('ltml parity', () => {
  it('ends with the counts, and with exit code 1 if a case failed', () => {
    write('index.json', JSON.stringify([{ file: 'a.json', function: 'nobodyKnows', inputs: [], outputs: [] }]));
    write('a.json', '{}');
    const skipped = ltml('parity', folder);
    expect(skipped.stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 0 failed, 1 skipped');
    expect(skipped.status).toBe(0);
    write('index.json', JSON.stringify([{ file: 'a.json', function: 'accuracy', inputs: [], outputs: ['x'] }]));
    const failed = ltml('parity', folder, '--json');
    expect(failed.status).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({ backend: 'wasm', passed: 0, failed: 1, skipped: 0 });
  });

  it('says which file is missing', () => {
    const { status, stderr } = ltml('parity', join(folder, 'gone'));
    expect(status).toBe(1);
    expect(stderr).toMatch(/index\.json should be a file, got nothing there/);
  });
});

describe('ltml train and eval', () => {
  it('train into a run folder whose weights eval scores alike', () => {
    const config = write('run.yaml', 'loss: { name: focal }\ncachedViews: 0\nmethod: { options: { epochs: 1 } }\n');
    const run = join(folder, 'run');
    const trained = ltml('train', config, '--out', run, '--json');
    expect(trained.stderr).not.toMatch(/ltml:/);
    expect(trained.status).toBe(0);
    const { mAP } = JSON.parse(trained.stdout) as { mAP: Record<string, number> };
    expect(mAP.total).toBeGreaterThan(0.1);
    expect(JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'))).toMatchObject({ outcome: 'finished', mAP });
    const evaluated = JSON.parse(ltml('eval', run, '--json').stdout) as { mAP: unknown; perClass: unknown[] };
    expect(evaluated.mAP).toEqual(mAP);
    expect(evaluated.perClass).toHaveLength(20);
    const again = ltml('train', config, '--out', run);
    expect(again.status).toBe(1);
    expect(again.stderr).toMatch(/a new or empty folder/);
  });
});
