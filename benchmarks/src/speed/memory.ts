import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { DataError, NotSupportedError } from '@ltml/tensor';
import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';

/** Peak memory of one row. */
export interface MemoryResult {
  readonly row: string;
  readonly engine: string;
  /** Peak of the whole process, in millions of bytes. */
  readonly megabytes: number;
  /** Peak of the peer; null without a peer. */
  readonly peerMegabytes: number | null;
  /** megabytes / peerMegabytes: below 1 we need less. */
  readonly ratio: number | null;
}

export interface MemoryOptions {
  readonly engine: string;
  /** Command of a Python with PyTorch. Default: no peer. */
  readonly python?: string;
  readonly onResult?: (result: MemoryResult) => void;
}

/**
 * Measures the peak memory of rows. Each row runs in its own process, ours and the peer's. The peak counter is reset
 * after two calls. So temporary memory of loading and tracing does not count, but memory that stays allocated does.
 * Then three calls are measured, or one call if it takes seconds.
 *
 * @throws NotSupportedError on other systems than Linux, because it reads the counter VmHWM
 */
export async function measureMemory(rows: readonly SpeedRow[], options: MemoryOptions): Promise<MemoryResult[]> {
  if (process.platform !== 'linux') {
    throw new NotSupportedError({
      where: 'measureMemory',
      argument: 'the system',
      expected: 'Linux, which measures the peak memory of a process',
      received: process.platform,
    });
  }
  const results: MemoryResult[] = [];
  for (const row of rows) {
    const megabytes = await peakOf(process.execPath, ourProgram(row, options.engine));
    const peerMegabytes = options.python ? await peakOf(options.python, ['-c', peerProgram(row)]) : null;
    const ratio = peerMegabytes === null ? null : megabytes / peerMegabytes;
    const result = { row: row.name, engine: options.engine, megabytes, peerMegabytes, ratio };
    results.push(result);
    options.onResult?.(result);
  }
  return results;
}

/** Duration of a call, in seconds, from which one call is enough. */
const slow = 2;

function ourProgram(row: SpeedRow, engine: string): string[] {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const speed = new URL('index.ts', import.meta.url).href;
  const engines = pathToFileURL(createRequire(import.meta.url).resolve('@ltml/engines')).href;
  const program = `
    import { readFileSync, writeFileSync } from 'node:fs';
    const { useBackend } = await import(${JSON.stringify(engines)});
    await useBackend(${JSON.stringify(engine)});
    const { speedRows } = await import(${JSON.stringify(speed)});
    const row = Object.values(speedRows).flat().find(({ name }) => name === ${JSON.stringify(row.name)});
    const { run } = await row.prepare();
    await run();
    const start = performance.now();
    await run();
    const calls = performance.now() - start > ${1000 * slow} ? 1 : 3;
    writeFileSync('/proc/self/clear_refs', '5');
    for (let i = 0; i < calls; i++) await run();
    console.log(/VmHWM:.*/.exec(readFileSync('/proc/self/status', 'utf8'))[0]);
    process.exit(0);`;
  return ['--import', tsx, '--input-type=module', '--eval', program];
}

function peerProgram(row: SpeedRow): string {
  return `
import time, torch
scope = {"torch": torch}
exec(${JSON.stringify(row.torch)}, scope)
scope["run"]()
start = time.perf_counter()
scope["run"]()
calls = 1 if time.perf_counter() - start > ${slow} else 3
open("/proc/self/clear_refs", "w").write("5")
for _ in range(calls):
    scope["run"]()
print([line for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
`;
}

/** Runs a program whose last line is its peak memory. */
function peakOf(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', (error) => (errors += error.message));
    child.on('close', (code) => {
      const kilobytes = /VmHWM:\s*(\d+) kB/.exec(output)?.[1];
      if (kilobytes !== undefined) return resolve((Number(kilobytes) * 1024) / 1e6);
      const received = errors.trim().split('\n').at(-1) || `nothing, ended with ${code}`;
      reject(new DataError({ where: 'measureMemory', argument: command, expected: 'its peak memory', received }));
    });
  });
}
