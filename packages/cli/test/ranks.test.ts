import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMismatch } from '@ltml/tensor/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { lossesOf, pidOfRank, startRanks, writeRanksRecipe } from './start-ranks.ts';

const hasMpi = spawnSync('mpirun', ['--version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'ltml-mpi-'));
const recipe = join(folder, 'short.yaml');
writeRanksRecipe(recipe, 30);
afterAll(() => rmSync(folder, { recursive: true }));

// Debian: apt-get install openmpi-bin. Without it the ranks of the recipes' tests talk by pipes.
describe.skipIf(!hasMpi)('ltml train under mpirun', { timeout: 600_000 }, () => {
  it('ends with a sentence when a rank dies, and goes on with one rank where it was', async () => {
    const [whole, killed] = [join(folder, 'whole'), join(folder, 'killed')];
    const alone = startRanks(1, recipe, '--out', whole);
    expect(await alone.ended, alone.said).toBe(0);

    const ranks = startRanks(2, recipe, '--out', killed);
    const checkpoints = join(killed, 'checkpoints');
    while (ranks.child.exitCode === null && !(existsSync(checkpoints) && readdirSync(checkpoints).length > 0))
      await sleep(20);
    process.kill(pidOfRank(1, killed) as number, 'SIGKILL');
    const at = performance.now();
    expect(await ranks.ended, ranks.said).not.toBe(0);
    expect((performance.now() - at) / 1000).toBeLessThan(30);
    expect(ranks.said).toMatch(/ltml, rank 0: mpi: rank 1 should be alive, got a process that has ended .*--resume/);

    const rest = startRanks(1, recipe, '--out', killed, '--resume');
    expect(await rest.ended, rest.said).toBe(0);
    const [expected, losses] = [whole, killed].map(lossesOf);
    expect(losses.length).toBe(expected.length);
    expect(findMismatch(losses, expected, { relative: 1e-4, absolute: 1e-5 })).toBeNull();
  });
});
