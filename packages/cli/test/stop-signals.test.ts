import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-signals-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a process wrote so far, and how it ended. */
interface Watched {
  readonly child: ChildProcess;
  text: string;
  readonly ended: Promise<unknown[]>;
}

function start(...args: string[]): Watched {
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LTML_BACKEND: 'wasm' },
  });
  const watched: Watched = { child, text: '', ended: once(child, 'exit') };
  const read = (chunk: unknown) => {
    watched.text += String(chunk);
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  return watched;
}

async function wrote(watched: Watched, text: string): Promise<void> {
  while (!watched.text.includes(text) && watched.child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('stopSignals', { timeout: 120_000 }, () => {
  const script = `
    const { stopSignals } = await import(${JSON.stringify(new URL('../src/run/stop-signals.ts', import.meta.url).href)});
    const { signal } = stopSignals();
    signal.addEventListener('abort', () => console.log('aborted'));
    console.log('ready');
    setInterval(() => {}, 1000);`;

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'takes %s as a wish to stop, and ends at the second',
    async (name) => {
      const watched = start('--input-type=module', '-e', script);
      await wrote(watched, 'ready');
      watched.child.kill(name);
      await wrote(watched, 'aborted');
      expect(watched.child.exitCode).toBeNull();
      watched.child.kill(name);
      expect(await watched.ended).toEqual([null, name]);
    },
  );
});

describe('ltml train', { timeout: 300_000 }, () => {
  it('stops at SIGTERM while it caches features, and leaves no run folder', async () => {
    const config = join(folder, 'run.yaml');
    writeFileSync(config, 'loss: { name: binary-cross-entropy }\n');
    const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
    const watched = start(bin, 'train', config, '--out', join(folder, 'run'));
    await wrote(watched, 'into');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const asked = performance.now();
    watched.child.kill('SIGTERM');
    expect(await watched.ended).toEqual([1, null]);
    expect((performance.now() - asked) / 1000).toBeLessThan(20);
    expect(watched.text).toMatch(/stopped; .*--resume/);
    expect(existsSync(join(folder, 'run'))).toBe(false);
  });
});
