import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTables } from '../../scripts/encoders-page.ts';

test('the tables of docs/encoders.md are those of the zoo; if not, run scripts/encoders-page.ts', () => {
  const page = readFileSync(new URL('../../../../docs/encoders.md', import.meta.url), 'utf8');
  expect(page).toBe(withTables(page));
});
