import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('./busy-process.ts', import.meta.url));
const tsx = pathToFileURL(fileURLToPath(import.meta.resolve('tsx'))).href;
const sentence = /^ltml, rank 0: mpi: rank 1 should be alive, got a process that has ended .*--resume/gm;

/** What a rank says, and how it ends, that computes for so long when another one is killed. */
async function beside(seconds: number) {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const rank = spawn(process.execPath, ['--import', tsx, script, `${other.pid}`, `${seconds}`]);
  let said = '';
  for (const stream of [rank.stderr, rank.stdout]) {
    stream.on('data', (chunk) => {
      said += String(chunk);
      if (String(chunk).includes('computes')) other.kill('SIGKILL');
    });
  }
  const [code, signal] = await once(rank, 'close');
  return { code, signal, said, sentences: said.match(sentence)?.length ?? 0 };
}

describe.concurrent('the thread that looks after other ranks', { timeout: 60_000 }, () => {
  it('says that a rank has ended while this one computes', async () => {
    const { code, said, sentences } = await beside(2);
    expect({ code, sentences }, said).toEqual({ code: 0, sentences: 1 });
    expect(said.indexOf('ltml, rank 0')).toBeLessThan(said.indexOf('computed'));
  });

  it('ends a rank that does not end', async () => {
    const { signal, said, sentences } = await beside(60);
    expect({ signal, sentences }, said).toEqual({ signal: 'SIGKILL', sentences: 1 });
  });
});
