import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makePipes } from '../../train/test/ranks/pipes.ts';
import type { RanksResult } from './ranks-cases.ts';

const script = fileURLToPath(new URL('./rank-process.ts', import.meta.url));

/** Trains cases, each a method and `eager` or `compiled`, in so many processes; what each of them has in the end. */
export async function inRanks(
  size: number,
  cases: readonly string[],
): Promise<readonly Readonly<Record<string, RanksResult>>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-ranks-'));
  try {
    makePipes(folder, size);
    const outs = Array.from({ length: size }, (_, rank) => join(folder, `${rank}.json`));
    const children: ChildProcess[] = [];
    const ended = outs.map(async (out, rank) => {
      const args = ['--import', 'tsx', script, folder, `${rank}`, `${size}`, out, ...cases];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      children.push(child);
      let said = '';
      child.stderr.on('data', (chunk) => {
        said += String(chunk);
      });
      const [code] = await once(child, 'exit');
      if (code === 0) return;
      // The others would wait for it.
      for (const other of children) other.kill('SIGKILL');
      throw new Error(`rank ${rank}: ${said}`);
    });
    await Promise.all(ended);
    return outs.map((out) => JSON.parse(readFileSync(out, 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
