import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunLock } from '../../src/node/run-lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Leaves the lock of another process. */
function leave(owner: Record<string, unknown>, name = 'run.1.lock'): void {
  writeFileSync(
    join(folder, name),
    JSON.stringify({ host: hostname(), space: null, started: null, id: 'x', ...owner }),
  );
}

/** The number of a process that has ended. */
const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

describe('RunLock', () => {
  it('lets one in at a time, names who is in, and is given back', () => {
    const lock = RunLock.take(folder);
    expect(() => RunLock.take(folder)).toThrow(
      `should be a folder that no other process uses, got a folder used by process ${process.pid} on ${hostname()}`,
    );
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
    RunLock.take(folder).release();
  });

  it('is taken over from a dead process', () => {
    leave({ pid: deadPid() });
    const lock = RunLock.take(folder);
    expect(readdirSync(folder)).toEqual(['run.2.lock']);
    expect(JSON.parse(readFileSync(join(folder, 'run.2.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(() => RunLock.take(folder)).toThrow(/used by process/);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not taken over from a living process', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    leave({ pid: child.pid });
    expect(() => RunLock.take(folder)).toThrow(`process ${child.pid} on ${hostname()}`);
    child.kill();
    await once(child, 'exit');
    RunLock.take(folder).release();
  });

  it.runIf(process.platform === 'linux')('knows a process whose number another one has by now', () => {
    leave({ pid: process.pid, started: '1' });
    RunLock.take(folder).release();
  });

  it('leaves the lock of another machine, and says how to remove it', () => {
    leave({ pid: deadPid(), host: 'elsewhere' }, 'run.7.lock');
    expect(() => RunLock.take(folder)).toThrow(
      /used by process \d+ on elsewhere\. If that process is dead.*run.7.lock/,
    );
    expect(readdirSync(folder)).toEqual(['run.7.lock']);
  });

  it('takes the lock of another machine over that was silent for ten minutes, and shows a sign of life itself', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      leave({ pid: deadPid(), host: 'elsewhere' }, 'run.7.lock');
      const long = new Date(Date.now() - 11 * 60_000);
      utimesSync(join(folder, 'run.7.lock'), long, long);
      const lock = RunLock.take(folder);
      expect(readdirSync(folder)).toEqual(['run.8.lock']);
      utimesSync(join(folder, 'run.8.lock'), long, long);
      vi.advanceTimersByTime(60_000);
      expect(Date.now() - statSync(join(folder, 'run.8.lock')).mtimeMs).toBeLessThan(60_000);
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it.runIf(process.platform === 'linux')('leaves the lock of a container that has the name of this machine', () => {
    leave({ pid: deadPid(), space: 'pid:[1]' });
    expect(() => RunLock.take(folder)).toThrow(/If that process is dead, wait ten minutes/);
  });

  it.each([-60, 60])('goes by the clock of the file system: another one is %i minutes ahead', (minutes) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * 60_000 });
    try {
      leave({ pid: deadPid(), host: 'elsewhere' });
      expect(() => RunLock.take(folder)).toThrow(/on elsewhere\./);
      const long = new Date(Date.now() - (minutes + 11) * 60_000);
      utimesSync(join(folder, 'run.1.lock'), long, long);
      RunLock.take(folder).release();
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(['', '{', '{"pid":-1,"host":"a"}', 'null', '{"pid":"1","host":"a"}'])('refuses the lock %j', (text) => {
    writeFileSync(join(folder, 'run.1.lock'), text);
    expect(() => RunLock.take(folder)).toThrow(
      /run.1.lock should be a lock with the pid and host .* Delete run.1.lock/,
    );
  });

  it('notices that it was lost, and does not give back what is another process’s', () => {
    const lock = RunLock.take(folder);
    lock.check();
    leave({ pid: process.pid });
    expect(() => lock.check()).toThrow(/the folder in which the run began/);
    lock.release();
    expect(readdirSync(folder)).toEqual(['run.1.lock']);
  });

  it('lets in one of many processes that find a dead one’s lock', { timeout: 120_000 }, async () => {
    leave({ pid: deadPid() });
    const script = `
      const { RunLock } = await import(${JSON.stringify(new URL('../../src/node/run-lock.ts', import.meta.url).href)});
      process.stdin.once('data', () => {
        try { RunLock.take(${JSON.stringify(folder)}); console.log('in'); } catch { console.log('out'); }
      });
      process.stdin.on('end', () => process.exit());
      console.log('ready');`;
    const children = Array.from({ length: 4 }, () => {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const lines: string[] = [];
      child.stdout.on('data', (text) => lines.push(...String(text).trim().split('\n')));
      return { child, lines };
    });
    const told = async (count: number): Promise<void> => {
      while (children.some(({ lines }) => lines.length < count)) await new Promise((r) => setTimeout(r, 50));
    };
    await told(1);
    for (const { child } of children) child.stdin.write('go\n');
    await told(2);
    expect(children.filter(({ lines }) => lines[1] === 'in').length).toBe(1);
    for (const { child } of children) child.stdin.end();
    await Promise.all(children.map(({ child }) => once(child, 'exit')));
  });
});
