import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

// The first example of each README, as it stands there, in a process of its own. It runs in this folder, which has all
// packages among its dependencies.
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'examples');

for (const name of readdirSync(join(root, 'packages'))) {
  const readme = join(root, 'packages', name, 'README.md');
  const code = existsSync(readme) && /^```ts\n(.*?)^```/ms.exec(readFileSync(readme, 'utf8'))?.[1];
  if (!code) continue;
  test(`the example of the README of ${name} runs`, () => {
    const file = join(folder, `.readme-${name}.ts`);
    writeFileSync(file, code);
    try {
      const command = ['--import', 'tsx', file];
      const { status, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
      expect(stderr).not.toMatch(/Error/);
      expect(status).toBe(0);
    } finally {
      rmSync(file);
    }
  }, 300_000);
}

// pnpm lets a program import what it names itself, and nothing else.
for (const name of readdirSync(join(root, 'packages'))) {
  const readme = join(root, 'packages', name, 'README.md');
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : '';
  const installed = /^npm install (.*)$/m.exec(text)?.[1].split(' ') ?? [];
  test(`the README of ${name} installs all that its examples import`, () => {
    const code = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, lines]) => lines).join('\n');
    const imported = [...code.matchAll(/(?:from|import) '((?:@[^/']+\/)?[^/'.][^/']*)/g)].map(
      ([, specifier]) => specifier,
    );
    const missing = imported.filter((specifier) => !specifier.startsWith('node:') && !installed.includes(specifier));
    expect(missing).toEqual([]);
  });
}

test('ten lines mix the head of cprfl with the Distribution-Balanced loss', () => {
  const code = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, 'packages/cprfl/README.md'), 'utf8'))?.[1] ?? '';
  expect(code).toMatch(/distributionBalancedLoss\(head\.forward/);
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(10);
});
