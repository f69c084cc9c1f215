import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('./busy-process.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;

it.each([
  ['a thread says that a rank has ended while this one computes', 'busy', 1],
  ['the thread is silent where the rank itself has seen it', 'looking', 0],
])('%s', { timeout: 60_000 }, async (_, kind, sentences) => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const rank = spawn(process.execPath, ['--import', tsx, script, `${other.pid}`, kind]);
  const said: string[] = [];
  const keep = (chunk: unknown): void => void said.push(String(chunk));
  rank.stderr.on('data', keep);
  rank.stdout.on('data', (chunk) => {
    keep(chunk);
    if (String(chunk).includes('computes')) other.kill('SIGKILL');
  });
  const [code] = await once(rank, 'close');
  const text = said.join('');
  expect(code, text).toBe(0);
  expect(text.match(/^ltml, rank 0: mpi: rank 1 should be alive, got a process that has ended/gm) ?? []).toHaveLength(
    sentences,
  );
  // While it computed, and not only then.
  if (sentences > 0) expect(text.indexOf('ltml, rank 0')).toBeLessThan(text.indexOf('computed'));
});
