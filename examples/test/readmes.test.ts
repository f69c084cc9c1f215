import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

// Every example of each README, as it stands there. They lie in this folder, which has all packages among its dependencies. Those
// of other pages are only compiled: they name files and engines of the reader's.
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'examples', '.readmes');
const before = process.cwd();

interface Example {
  /** E.g. `train-2`. */
  readonly name: string;
  readonly code: string;
}

function readmeOf(name: string): string {
  const path = join(root, 'packages', name, 'README.md');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function examplesOf(name: string, text: string): Example[] {
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)];
  return blocks.map(([, code], i) => ({ name: `${name}-${i + 1}`, code }));
}

const packages = readdirSync(join(root, 'packages'));
const examples = packages.flatMap((name) => examplesOf(name, readmeOf(name)));

const pages = readdirSync(join(root, 'docs'), { recursive: true }) as string[];
const onPages = pages
  .filter((page) => page.endsWith('.md'))
  .flatMap((page) => examplesOf(`docs-${page.replace(/\W/g, '-')}`, readFileSync(join(root, 'docs', page), 'utf8')));

/** These open checkpoints of the reader's, or need an MPI, and are read by the compiler alone. */
const needMore = ['backbone-2', 'backbone-3', 'mpi-1'];

describe('the examples of the READMEs and pages', () => {
  let elsewhere: string;
  beforeAll(() => {
    // What they write goes elsewhere.
    elsewhere = mkdtempSync(join(tmpdir(), 'ltml-readmes-'));
    process.chdir(elsewhere);
    mkdirSync(folder, { recursive: true });
    for (const { name, code } of [...examples, ...onPages])
      writeFileSync(join(folder, `${name}.ts`), `${code}\nexport {};\n`);
  });
  afterAll(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
    rmSync(elsewhere, { recursive: true });
  });

  test.each(examples.filter(({ name }) => !needMore.includes(name)))(
    '$name runs',
    { timeout: 120_000 },
    async ({ name }) => {
      const complain = vi.spyOn(console, 'error');
      vi.spyOn(console, 'log').mockImplementation(() => {});
      try {
        await import(/* @vite-ignore */ join(folder, `${name}.ts`));
        expect(complain).not.toHaveBeenCalled();
      } finally {
        vi.restoreAllMocks();
      }
    },
  );

  test('are right to the compiler', { timeout: 300_000 }, () => {
    expect(onPages.length).toBeGreaterThan(6);
    const config = join(folder, 'tsconfig.json');
    // They show values without using them, and export for nobody.
    const compilerOptions = { noEmit: true, noUnusedLocals: false, isolatedDeclarations: false };
    writeFileSync(config, JSON.stringify({ extends: '../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }));
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', config], { encoding: 'utf8' });
    expect(stdout).toBe('');
  });
});

// pnpm lets a program import what it names itself, and nothing else.
test.each(packages)('the README of %s installs all that its examples import', (name) => {
  const text = readmeOf(name);
  const installed = /^npm install (.*)$/m.exec(text)?.[1].split(' ') ?? [];
  const code = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, lines]) => lines).join('\n');
  const imported = [...code.matchAll(/(?:from|import) '((?:@[^/']+\/)?[^/'.][^/']*)/g)].map(
    ([, specifier]) => specifier,
  );
  const missing = imported.filter((specifier) => !specifier.startsWith('node:') && !installed.includes(specifier));
  expect(missing).toEqual([]);
});

test('ten lines mix the head of cprfl with the Distribution-Balanced loss', () => {
  const code = examples.find(({ name }) => name === 'cprfl-1')?.code ?? '';
  expect(code).toMatch(/distributionBalancedLoss\(head\.forward/);
  expect(code.trim().split('\n').length).toBeLessThanOrEqual(10);
});
