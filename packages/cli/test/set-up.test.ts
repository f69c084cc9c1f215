import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'ltml-set-up-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), 0o755);
}

// The root commands in a workspace whose installer and whose tool do nothing but print.
test.skipIf(process.platform === 'win32')('a root command prints nothing of its set-up on standard output', () => {
  cpSync(fileURLToPath(new URL('../../../scripts/run.mjs', import.meta.url)), join(folder, 'scripts', 'run.mjs'));
  mkdirSync(join(folder, 'packages'));
  write('package.json', '{ "packageManager": "pnpm@1.0.0", "engines": { "node": ">=20" } }');
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) write(name, '');
  write('bin/npx', '#!/bin/sh\necho "installed by $*"\n');
  write('scripts/test.mjs', 'console.log("{}");\n');
  const env = { ...process.env, PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter) };
  const command = () =>
    spawnSync(process.execPath, ['scripts/run.mjs', 'test'], { cwd: folder, env, encoding: 'utf8' });
  const first = command();
  expect(first.stdout).toBe('{}\n');
  expect(first.stderr).toMatch(/installed by --yes pnpm@1\.0\.0 install/);
  const second = command();
  expect(second).toMatchObject({ status: 0, stdout: '{}\n', stderr: '' });
});
