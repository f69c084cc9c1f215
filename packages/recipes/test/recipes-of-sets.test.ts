import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readRecipe } from '../src/node/read-recipe.ts';
import { resolve } from '../src/recipe/resolve.ts';

const packages = fileURLToPath(new URL('../..', import.meta.url));

/** Recipes of published data sets that no list of rows names yet. */
const files = readdirSync(packages, { recursive: true, encoding: 'utf8' }).filter(
  (path) => /^(coop|lift)\/recipes\/(?!digits).+\.yaml$/.test(path) && !path.includes('node_modules'),
);

it.each(files)('%s resolves, under the name of its data and its own', async (file) => {
  const { value, locate } = readRecipe(join(packages, file));
  const { name, data } = await resolve(value, locate);
  const [, , folder, own] = file.split('/');
  expect(name).toBe(`${folder}-${own.replace('.yaml', '')}`);
  expect(data.name).toBe(folder);
});
