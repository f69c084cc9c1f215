import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomStream } from '@ltml/tensor';
import { readMetrics } from '@ltml/train/node';

export interface KillReport {
  kills: number;
  /** Of them: while a file was being written. */
  insideWrites: number;
  /** Of them: by SIGTERM, which asks for a checkpoint first. */
  asked: number;
  runs: number;
  /** What must not be: an error, or an end other than that of the run that nobody killed. */
  readonly faults: string[];
}

const script = fileURLToPath(new URL('./train-in-child.ts', import.meta.url));

/** Kills training processes again and again, lets each run go on to its end, and compares the ends. */
export async function killRuns(
  kills: number,
  seed: number,
  onRun: (report: KillReport) => void = () => {},
): Promise<KillReport> {
  const random = new RandomStream(seed);
  const folder = mkdtempSync(join(tmpdir(), 'ltml-kills-'));
  const report: KillReport = { kills: 0, insideWrites: 0, asked: 0, runs: 0, faults: [] };
  try {
    await trainUntil(join(folder, 'whole'), async () => {});
    const expected = endOf(join(folder, 'whole'));
    while (report.kills < kills) {
      const path = join(folder, `${report.runs++}`);
      // A few kills a run; then it is left alone until it is done.
      for (let left = 1 + random.integer(3); left > 0 && report.kills < kills; left--) {
        const inside = random.integer(2) === 0;
        const asked = random.integer(4) === 0;
        const step = 1 + random.integer(22);
        const wait = random.integer(60);
        const code = await trainUntil(path, async (child, told) => {
          await told(step);
          if (inside) await writing(path, child);
          else await sleep(wait);
          child.kill(asked ? 'SIGTERM' : 'SIGKILL');
        });
        if (code === 0) break;
        report.kills++;
        if (inside) report.insideWrites++;
        if (asked) report.asked++;
        if (code !== (asked ? 3 : 'SIGKILL')) report.faults.push(`run ${report.runs}: ended with ${code}`);
      }
      const code = await trainUntil(path, async () => {});
      if (code !== 0) report.faults.push(`run ${report.runs}: could not go on, ${code}`);
      else if (endOf(path) !== expected) report.faults.push(`run ${report.runs}: another end`);
      rmSync(path, { recursive: true });
      onRun(report);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return report;
}

type Killer = (child: ChildProcess, told: (step: number) => Promise<void>) => Promise<void>;

/** Trains in a child process, at which a killer may have a go; gives its exit code or signal. */
async function trainUntil(path: string, kill: Killer): Promise<string | number | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, path, 'stoppable'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let steps = 0;
  child.stdout.on('data', (text) => {
    steps = Number(/step (\d+)\n$/.exec(String(text))?.[1] ?? steps);
  });
  const ended = once(child, 'exit');
  const told = async (step: number): Promise<void> => {
    while (steps < step && child.exitCode === null && child.signalCode === null) await sleep(1);
  };
  await kill(child, told);
  const [code, signal] = await ended;
  return signal ?? code;
}

/** Waits until a process is in the middle of a write: a file stands under its temporary name. */
async function writing(path: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    for (const folder of [path, join(path, 'checkpoints')]) {
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

/** All that a run leaves but wall-clock times and the record of its processes. */
function endOf(path: string): string {
  const log = readMetrics(join(path, 'metrics.jsonl')).map((line) => ({ ...line, seconds: 0 }));
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/events\.out|environment|metrics\.jsonl|^checkpoints$/.test(name))
    .sort();
  const files = names.map((name) => [name, readFileSync(join(path, name)).toString('base64')]);
  return JSON.stringify([log, files]);
}
