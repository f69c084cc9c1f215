import { build, type Recipe, readRecipe, resolve } from '@ltml/recipes/node';
import { describe, expect, it } from 'vitest';
import { readSuite, recipeOf, type SuiteRow } from '../src/suites/suite.ts';
import { collections, suiteFiles } from '../src/suites/suite-files.ts';

const suites = collections.flatMap((collection) =>
  suiteFiles(collection).map((file) => ({ file, ...readSuite(file) })),
);

const resolvedRecipes = new Map<string, Promise<Recipe[]>>();

/** Resolved once: several tests look at them. */
function recipesOf(suite: (typeof suites)[0]): Promise<Recipe[]> {
  const known = resolvedRecipes.get(suite.file) ?? resolveRecipes(suite);
  resolvedRecipes.set(suite.file, known);
  return known;
}

function resolveRecipes({ file, rows, preparations }: (typeof suites)[0]): Promise<Recipe[]> {
  const all: Pick<SuiteRow, 'recipe' | 'set'>[] = [...Object.values(rows), ...Object.values(preparations)];
  const resolved = all.map((row) => {
    const { value, locate } = readRecipe(recipeOf(file, row), row.set);
    return resolve(value, locate);
  });
  return Promise.all(resolved);
}

describe.each(suites)('the suite $file', (suite) => {
  it('has recipes that resolve, each another one', async () => {
    const recipes = (await recipesOf(suite)).map(({ name: _, ...recipe }) => JSON.stringify(recipe));
    expect(new Set(recipes).size).toBe(recipes.length);
  });

  it('holds nothing out: the last step counts', async () => {
    for (const { name, data, evaluation } of await recipesOf(suite)) {
      expect(data.validation, name).toBeNull();
      expect(evaluation.select, name).toBeNull();
    }
  });

  it('has ladders whose steps follow one that is there', () => {
    const keys = Object.keys(suite.rows);
    for (const [i, { after }] of Object.values(suite.rows).entries()) {
      if (after !== undefined) expect(keys.slice(0, i)).toContain(after);
    }
  });
});

it('the quick suites have rows of all methods', async () => {
  const files = suiteFiles('quick');
  const quick = (await Promise.all(suites.filter(({ file }) => files.includes(file)).map(recipesOf))).flat();
  expect([...new Set(quick.map(({ method }) => method.name))].sort()).toEqual([
    'classifier',
    'cprfl',
    'dscl',
    'mkt',
    'piaa',
    'sarb',
    'sparc',
  ]);
});

describe('recipes of the suites', { timeout: 120_000 }, () => {
  // One of each suite; the others change single options, which resolving checks.
  it.each(suites)('$name: the last row can be built', async (suite) => {
    const recipe = (await recipesOf(suite))[Object.keys(suite.rows).length - 1];
    // The run of a preparation is there when the suite runs; any network of a name will do here.
    const { run, ...encoder } = recipe.encoder;
    const named = run === undefined ? encoder : { ...encoder, name: 'resnet-tiny' };
    const built = await build({ ...recipe, encoder: named as Recipe['encoder'] });
    expect(built.stages.length).toBeGreaterThan(0);
    built.dispose();
  });
});

it('what the mixing matrix calls refused is refused, for the reason that it gives', { timeout: 120_000 }, async () => {
  for (const suite of suites) {
    for (const [key, { reason, set = [], recipe }] of Object.entries(suite.refused)) {
      const { value, locate } = readRecipe(recipeOf(suite.file, { recipe }), set);
      const refusal = resolve(value, locate).then((resolved) => build(resolved, { locate }));
      await expect(refusal, key).rejects.toThrow(reason);
    }
  }
});

it('a suite is found by collection, by name and by path, and otherwise refused', () => {
  expect(suiteFiles('quick').length).toBeGreaterThan(4);
  expect(suiteFiles('quick/long-tail')).toHaveLength(1);
  expect(suiteFiles('mine.yaml')).toEqual(['mine.yaml']);
  expect(() => suiteFiles('quik')).toThrow(/--suite: unknown "quik"; known: full, full\/category-prompts, .*speed/);
});
