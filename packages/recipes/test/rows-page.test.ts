import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { rowsPage } from '../scripts/rows-page.ts';

it('docs/reproduce.md is up to date: node --import tsx packages/recipes/scripts/rows-page.ts writes it', async () => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/reproduce.md', import.meta.url)), 'utf8');
  expect(page).toBe(await rowsPage());
});
