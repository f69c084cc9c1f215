import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RandomStream } from '@ltml/tensor';
import { readMetrics } from '@ltml/train/node';

export interface KillReport {
  kills: number;
  /** Of them: while a file was being written. */
  insideWrites: number;
  /** Of them: by SIGTERM or SIGINT, which ask for a checkpoint first. */
  asked: number;
  runs: number;
  /** What must not be: an error, or an end other than that of the run that nobody killed. */
  readonly faults: string[];
}

/**
 * Arguments of Node that train in a run folder, or go on with what is in it. A process that was asked to stop says
 * "stopped" on stderr and ends with exit code 1.
 */
export type Command = (path: string) => readonly string[];

/** Kills training processes again and again, lets each run go on to its end, and compares the ends. */
export async function killRuns(
  kills: number,
  seed: number,
  command: Command,
  onRun: (report: KillReport) => void = () => {},
): Promise<KillReport> {
  const random = new RandomStream(seed);
  const folder = mkdtempSync(join(tmpdir(), 'ltml-kills-'));
  const report: KillReport = { kills: 0, insideWrites: 0, asked: 0, runs: 0, faults: [] };
  try {
    const whole = join(folder, 'whole');
    const began = performance.now();
    const { code, text } = await trainUntil(command(whole), async () => {});
    if (code !== 0) throw new Error(`the run that nobody killed ended with ${code}: ${text}`);
    const duration = performance.now() - began;
    const steps = stepsOf(whole);
    const expected = endOf(whole);
    while (report.kills < kills) {
      const path = join(folder, `${report.runs++}`);
      const fault = (what: string): void => void report.faults.push(`run ${report.runs}: ${what}`);
      // A few kills a run; then it is left alone until it is done.
      for (let left = 1 + random.integer(3); left > 0 && report.kills < kills; left--) {
        const signal = (['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT'] as const)[random.integer(4)];
        const inside = random.integer(2) === 0;
        const step = random.integer(steps + 1);
        const wait = random.integer(step === 0 ? Math.ceil(duration) : 60);
        const { code, text } = await trainUntil(command(path), async (child) => {
          while (stepsOf(path) < step && runs(child)) await sleep(1);
          if (inside) await writing(path, child);
          else await sleep(wait);
          child.kill(signal);
        });
        if (code === 0) break;
        report.kills++;
        if (inside) report.insideWrites++;
        if (signal !== 'SIGKILL') report.asked++;
        // While it loads, nothing has asked for the signals yet.
        const stopped = signal !== 'SIGKILL' && code === 1 && /stopped/.test(text);
        if (code !== signal && !stopped) fault(`ended with ${code} at ${signal}: ${text}`);
      }
      const { code, text } = await trainUntil(command(path), async () => {});
      if (code !== 0) fault(`could not go on, ${code}: ${text}`);
      else if (endOf(path) !== expected) fault('another end');
      rmSync(path, { recursive: true, force: true });
      onRun(report);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return report;
}

/** Trains in a child process, at which a killer may have a go; gives its exit code or signal, and what it complained of. */
async function trainUntil(
  args: readonly string[],
  kill: (child: ChildProcess) => Promise<void>,
): Promise<{ readonly code: string | number | null; readonly text: string }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk) => {
    text = (text + String(chunk)).slice(-1000);
  });
  const ended = once(child, 'close');
  await kill(child);
  const [code, signal] = await ended;
  return { code: signal ?? code, text };
}

function runs(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

/** Steps that the log of a run has, 0 if there is no log yet. */
function stepsOf(path: string): number {
  try {
    return readFileSync(join(path, 'metrics.jsonl'), 'utf8').split('"kind":"step"').length - 1;
  } catch {
    return 0;
  }
}

/** Waits until a process is in the middle of a write: a file stands under its temporary name. */
async function writing(path: string, child: ChildProcess): Promise<void> {
  while (runs(child)) {
    for (const folder of [path, join(path, 'checkpoints'), join(path, 'model')]) {
      try {
        if (readdirSync(folder).some((name) => name.endsWith('.tmp'))) return;
      } catch {
        // Not made yet.
      }
    }
    await sleep(0);
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** All that a run leaves but wall-clock times, the record of its processes, and checkpoints before the last. */
function endOf(path: string): string {
  const log = readMetrics(join(path, 'metrics.jsonl')).map((line) => ({ ...line, seconds: 0 }));
  const names = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/^events\.out|^environment|^metrics\.jsonl$/.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  const last = names.findLast((name) => /checkpoint-\d+/.test(name));
  const files = names
    .filter((name) => name === last || !/checkpoint-\d+/.test(name))
    .map((name) => [name.slice(path.length), readFileSync(name).toString('base64')]);
  return JSON.stringify([log, files]);
}
