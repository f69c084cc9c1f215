import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const hasMpi = spawnSync('mpirun', ['--version']).status === 0;
const script = fileURLToPath(new URL('./rank-process.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;

// Debian: apt-get install openmpi-bin.
describe.skipIf(!hasMpi)('ranks that mpirun started', () => {
  it.each([1, 3])('sum, gather, hand out and wait: %i of them', { timeout: 120_000 }, async (size) => {
    const args = ['--oversubscribe', '--bind-to', 'none', '-n', `${size}`, process.execPath, '--import', tsx, script];
    const env = { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' };
    const { stdout } = await promisify(execFile)('mpirun', args, { env });
    const said = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ranks = Array.from({ length: size }, (_, rank) => rank);
    // Rank r has r + 1 values of r.
    const gathered = ranks.flatMap((rank) => Array.from({ length: rank + 1 }, () => rank));
    const sum = (size * (size + 1)) / 2;
    const expected = ranks.map((rank) => ({ rank, size, sums: [sum, -sum], gathered, bytes: 'of rank 0', none: 0 }));
    expect(said.sort((a, b) => a.rank - b.rank)).toEqual(expected);
  });
});
