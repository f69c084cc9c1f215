import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-save-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('append', { timeout: 60_000 }, () => {
  it('cuts a record back of which the system took half, and names the file', () => {
    const path = join(folder, 'log.jsonl');
    const module = new URL('../../src/node/save-file.ts', import.meta.url).href;
    const script = `
      const { openSync } = await import('node:fs');
      const { append } = await import(${JSON.stringify(module)});
      const file = openSync(${JSON.stringify(path)}, 'a');
      const record = Buffer.from('x'.repeat(299) + '\\n');
      for (let i = 0; i < 5; i++) {
        try {
          append(${JSON.stringify(path)}, file, record);
        } catch (error) {
          console.log(i, String(error));
        }
      }`;
    // No file may grow beyond one block of 1,024 bytes: three records fit, and a third of the fourth.
    const limit = ['-c', 'ulimit -f 1; exec "$@"', 'bash', process.execPath];
    const { stdout } = spawnSync('bash', [...limit, '--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    const lines = stdout.trim().split('\n');
    expect(lines.length).toBe(2);
    expect(lines[0]).toMatch(/^3 DataError: saving a run: .*log.jsonl should be writable, got .*EFBIG/);
    expect(readFileSync(path, 'utf8')).toBe(`${'x'.repeat(299)}\n`.repeat(3));
  });
});
