import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOrder } from '@ltml/recipes/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProcessRunner } from '../src/run/jobs/process-runner.ts';
import { ltml } from './in-process.ts';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const env = { ...process.env, LTML_BACKEND: 'wasm' };
/** What makes a run short: few training images, and small pictures. */
const small = [
  'features={ views: 0 }',
  'data.validation={ share: 0.8 }',
  'encoder={ name: resnet-tiny, imageSize: 16 }',
];
let folder: string;
let results: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-bench-'));
  results = join(folder, 'results');
});
afterAll(() => rmSync(folder, { recursive: true }));

const bench = (): string[] => {
  const short = [...small, 'steps=1'].flatMap((set) => ['--set', set]);
  const chosen = ['--suite', 'quick/long-tail', '--rows', 'bce,focal', '--seeds', '1,2', ...short];
  return ['bench', ...chosen, '--out', results];
};

/** Runs the command in a shell that lets no file grow beyond so many kB: what a write meets on a full disk. */
function onFullDisk(kilobytes: number, ...args: string[]) {
  const limited = [
    '-c',
    `ulimit -f ${kilobytes}; exec "$@"`,
    'bash',
    process.execPath,
    '--import',
    'tsx',
    bin,
    ...args,
  ];
  // tsx must not keep what it could write in part alone.
  return spawnSync('bash', limited, { encoding: 'utf8', env: { ...env, TSX_DISABLE_CACHE: '1' } });
}

function files(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
}

describe.skipIf(process.platform !== 'linux')('ltml bench', { timeout: 600_000 }, () => {
  it('stops at once at Ctrl-C, with a checkpoint, and has a report of the runs that were done', async () => {
    const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', bin, ...bench()], { env });
    const ended = once(child, 'exit');
    let text = '';
    // Until the first run has finished; what comes later is read, too.
    await new Promise<void>((resolve) => {
      child.stderr?.on('data', (chunk) => {
        text += String(chunk);
        if (/seed 1: total/.test(text)) resolve();
      });
    });
    const asked = performance.now();
    child.kill('SIGINT');
    expect(await ended, text).toEqual([1, null]);
    expect((performance.now() - asked) / 1000).toBeLessThan(10);
    expect(text).toContain(`to continue after a stop: the same command with --out ${results}`);
    const { code, stdout, stderr } = await ltml('report', results);
    expect(code, stderr).toBe(0);
    // Two runs go on side by side: either may be the first.
    expect(stdout).toMatch(/BCE|Focal/);
  });

  it('leaves report and results as they were when the disk is full, and names the file', () => {
    const before = files(results);
    const page = readFileSync(join(results, 'report.html'), 'utf8');
    const report = onFullDisk(4, 'report', results);
    expect(report.stderr).toBe(`ltml: ${join(results, 'report.html')}: larger than the file system allows\n`);
    expect(report.status).toBe(1);
    const goesOn = onFullDisk(4, ...bench());
    expect(goesOn.stderr).toMatch(/larger than the (file )?system allows/);
    expect(goesOn.status).toBe(1);
    expect(files(results).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    // What was finished is there; a run that the disk cut short is not.
    const finished = (names: string[]): string[] => names.filter((name) => name.endsWith('summary.json'));
    expect(finished(files(results))).toEqual(finished(before));
    expect(readFileSync(join(results, 'report.html'), 'utf8')).toBe(page);
  });

  it('goes on after the last finished run', async () => {
    const { code, stderr } = await ltml(...bench());
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/seed 1: total .*already done/);
    expect(files(results).filter((name) => name.endsWith('summary.json'))).toHaveLength(4);
  });
});

describe.skipIf(process.platform !== 'linux')('standard output', () => {
  const config = fileURLToPath(new URL('../../../examples/recipes/bce.yaml', import.meta.url));
  const command = [process.execPath, '--import', 'tsx', bin, 'config', config];

  it('that nobody reads any more is no failure', () => {
    const { status, stderr } = spawnSync('bash', ['-c', 'set -o pipefail; "$@" | true', 'bash', ...command], {
      encoding: 'utf8',
      env,
    });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('on a full disk is told', () => {
    const { status, stderr } = spawnSync('bash', ['-c', '"$@" > /dev/full', 'bash', ...command], {
      encoding: 'utf8',
      env,
    });
    expect([status, stderr]).toEqual([1, 'ltml: standard output: no space left on the device\n']);
  });
});

describe('ProcessRunner', { timeout: 300_000 }, () => {
  it('goes on after a run whose process dies, names it, and does it when it is called again', async () => {
    const out = join(folder, 'crashed');
    const recipe = fileURLToPath(new URL('../../classifier/recipes/digits/quick/bce.yaml', import.meta.url));
    const runner = new ProcessRunner({ backend: 'wasm', threads: 1, onEngine: () => {} });
    const order = (steps: number): RunOrder => ({
      group: 'one',
      folder: out,
      recipe: {
        file: recipe,
        settings: [...small, `steps=${steps}`, 'checkpointEverySteps=2'],
      },
    });
    try {
      const kill = (): void => {
        if (runner.pid !== undefined) process.kill(runner.pid, 'SIGKILL');
      };
      await expect(runner.run(order(4), { onProgress: kill })).rejects.toThrow('its process ended by SIGKILL');
      await expect(runner.run(order(-1), { onProgress: () => {} })).rejects.toMatchObject({
        name: 'UsageError',
        lines: [expect.stringContaining('steps')],
      });
      const stop = new AbortController();
      stop.abort(new Error('enough'));
      await expect(runner.run(order(4), { onProgress: () => {}, signal: stop.signal })).rejects.toThrow('enough');
      await runner.run(order(4), { onProgress: () => {} });
      expect(existsSync(join(out, 'summary.json'))).toBe(true);
    } finally {
      runner.close();
    }
  });
});
