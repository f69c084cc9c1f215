import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parityAdapters } from '../src/parity/adapters.ts';
import { readIndex } from '../src/parity/index-file.ts';
import { runCase } from '../src/parity/run.ts';
import type { FileCache } from '../src/parity/stored.ts';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));

const folders = readdirSync(packages)
  .map((name) => join(packages, name, 'test', 'fixtures'))
  .filter(existsSync)
  .flatMap((fixtures) =>
    readdirSync(fixtures, { recursive: true, encoding: 'utf8' }).map((part) => join(fixtures, part)),
  )
  .filter((folder) => existsSync(join(folder, 'index.json')));

describe.each(folders.map((folder) => relative(packages, folder)))('%s', (name) => {
  const folder = join(packages, name);
  const cases = readIndex(folder);
  const files: FileCache = new Map();

  it.each([...new Set(cases.map((parityCase) => parityCase.function))])(
    "%s gives the authors' numbers",
    async (called) => {
      for (const parityCase of cases.filter((candidate) => candidate.function === called)) {
        const { status, problems } = await runCase(parityCase, parityAdapters, files);
        expect({ case: parityCase.name, status, problems }).toEqual({
          case: parityCase.name,
          status: 'passed',
          problems: [],
        });
      }
    },
  );
});

it('finds the fixtures of the packages', () => {
  expect(folders.length).toBeGreaterThan(0);
});
