import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { checkpointFolder, openRunFolder, readMetrics } from '@ltml/train/node';
import { afterAll, describe, expect, it } from 'vitest';
import { resumableRun } from '../resumable-run.ts';
import { killRuns } from './kill-runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-train-'));
afterAll(() => rmSync(folder, { recursive: true }));

const command = ['--import', 'tsx', fileURLToPath(new URL('./train-in-child.ts', import.meta.url))];

/** Trains in a child process; once it has told of the step `killAt`, it gets SIGKILL. */
async function train(run: string, killAt?: number): Promise<string | number | null> {
  const args = [...command, join(folder, run), `${killAt}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<string | number | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(signal ?? code));
  });
  for await (const line of createInterface(child.stdout)) if (line === `step ${killAt}`) child.kill('SIGKILL');
  return ended;
}

/** The log without wall-clock times. */
function log(run: string): unknown[] {
  return readMetrics(join(folder, run, 'metrics.jsonl')).map((line) =>
    line.kind === 'epoch' ? { ...line, seconds: 0 } : line,
  );
}

function checkpoints(run: string): string[] {
  return readdirSync(join(folder, run, 'checkpoints')).filter((name) => name.startsWith('checkpoint'));
}

// Each child takes seconds to load on a busy machine.
describe('a run that was killed', { timeout: 180_000 }, () => {
  it('goes on after SIGKILL in the middle of an epoch with the very numbers of the uninterrupted run', async () => {
    const whole = await openRunFolder(join(folder, 'whole'), { config: {} });
    (await resumableRun({ observers: [whole.observer] })).learner.dispose();
    await whole.close();
    // Three steps an epoch, a checkpoint after each epoch and every two steps: the newest is of step 10, in epoch 3.
    expect(await train('killed', 11)).toBe('SIGKILL');
    expect(await train('killed')).toBe(0);
    expect(log('killed').length).toBe(24 + 8);
    expect(log('killed')).toEqual(log('whole'));
    expect(checkpoints('killed')).toEqual(['checkpoint-00000022.safetensors', 'checkpoint-00000024.safetensors']);
  });
});

describe('runs that are killed at random', { timeout: 300_000 }, () => {
  it('end as one that nobody killed, to the last bit, with nothing half-written left', async () => {
    const { faults, kills } = await killRuns(3, 5, (path) => [...command, path, 'stoppable']);
    expect(faults).toEqual([]);
    expect(kills).toBe(3);
  });
});

describe('a run whose disk does not take a checkpoint', { timeout: 180_000 }, () => {
  it('ends with a clear error and leaves the checkpoints before intact', async () => {
    expect(await train('limited', 5)).toBe('SIGKILL');
    const before = checkpoints('limited');
    // No file may grow beyond 4 blocks of 1,024 bytes; the log of this run still can, a checkpoint (and the graph of a step) cannot.
    const limit = ['-c', 'ulimit -f 4; exec "$@"', 'bash', process.execPath];
    const limited = spawnSync('bash', [...limit, ...command, join(folder, 'limited'), '0', 'eager'], {
      encoding: 'utf8',
    });
    expect(limited.status).toBe(1);
    expect(limited.stderr).toMatch(
      /DataError: saving a run: .*checkpoint-\d+.safetensors should be writable, got .*EFBIG/,
    );
    expect(checkpoints('limited')).toEqual(before);
    const kept = await checkpointFolder(join(folder, 'limited', 'checkpoints')).load();
    expect(`${kept?.state.cursor.step}`.padStart(8, '0')).toBe(before.at(-1)?.slice(11, 19));
  });
});
