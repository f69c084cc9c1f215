import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { canCompile } from '@ltml/tensor';
import { findMismatch } from '@ltml/tensor/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { makePipes } from '../../train/test/ranks/pipes.ts';
import { type RanksResult, ranksCases, trainCase } from './ranks-cases.ts';

const script = fileURLToPath(new URL('./rank-process.ts', import.meta.url));
const way = canCompile() ? 'compiled' : 'eager';
const methods = Object.keys(ranksCases);
/** Cases by the number of ranks. Engines that compile run one case op by op, too; the others run all of them so. */
const cases: Readonly<Record<number, readonly string[]>> = {
  2: [...methods.map((method) => `${method} ${way}`), ...(canCompile() ? ['sarb eager'] : [])],
  3: ['classifier', 'sarb'].map((method) => `${method} ${way}`),
};

/** Trains the cases in so many processes; what each of them has in the end. */
async function inRanks(size: number): Promise<readonly Record<string, RanksResult>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-ranks-'));
  try {
    makePipes(folder, size);
    const outs = Array.from({ length: size }, (_, rank) => join(folder, `${rank}.json`));
    const children: ChildProcess[] = [];
    const ended = outs.map(async (out, rank) => {
      const args = ['--import', 'tsx', script, folder, `${rank}`, `${size}`, out, ...cases[size]];
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

// Batches are of 5, 5 and 2 images: two ranks have 3 and 2 of the first, three ranks 2, 2 and 1, and one none of the last.
describe.each([2, 3])('%i ranks', { timeout: 600_000 }, (size) => {
  let ranks: readonly Record<string, RanksResult>[];
  beforeAll(async () => {
    ranks = await inRanks(size);
  }, 600_000);
  test.each(cases[size])('train as one alone: %s', async (name) => {
    const [method, how] = name.split(' ');
    const { losses, weights } = await trainCase(ranksCases[method], { eager: how === 'eager' });
    expect(losses.length).toBeGreaterThanOrEqual(50);
    for (const rank of ranks) {
      expect(findMismatch(rank[name].losses, losses, { relative: 1e-5, absolute: 1e-5 })).toBeNull();
      for (const [weight, values] of Object.entries(weights)) {
        const mismatch = findMismatch(rank[name].weights[weight], values, { relative: 1e-5, absolute: 1e-5 });
        expect(mismatch && `${weight}: ${mismatch}`).toBeNull();
      }
    }
  });
});
