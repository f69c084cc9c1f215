import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readRecipe } from '../src/node/read-recipe.ts';
import { parseRecipe } from '../src/recipe/parse.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { UsageError } from '../src/usage-error.ts';
import { allMethods } from './all-methods.ts';
import { at, leavesOf, nested, others, type Path } from './leaves.ts';

const shipped = fileURLToPath(new URL('../../../examples/recipes', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'shipped-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Written {
  readonly method?: { readonly name?: string; readonly preset?: string; readonly options?: object };
}

const cases = readdirSync(shipped).flatMap((file) => {
  const written = parseRecipe(readFileSync(join(shipped, file), 'utf8'), file).value as Written;
  const { presets } = allMethods[written.method?.name ?? 'classifier'];
  return Object.keys(presets).map((preset) => ({
    name: file,
    file: join(shipped, file),
    written,
    preset,
    of: presets[preset],
  }));
});

/** A shipped recipe with settings, as the command has it. */
async function withSettings(file: string, ...settings: string[]): Promise<Recipe> {
  const { value, locate } = readRecipe(file, settings);
  return resolve(value, locate);
}

/** The same entry in a file that extends the recipe. */
function inChild(file: string, entries: object): Promise<Recipe> {
  const child = join(folder, 'child.yaml');
  writeFileSync(child, JSON.stringify({ extends: file, ...entries }));
  return withSettings(child);
}

/** Whether one path leads through the other. */
const related = (a: Path, b: Path): boolean => a.every((key, i) => i >= b.length || key === b[i]);

describe.each(cases)('$name, preset $preset', async ({ file, written, preset, of }) => {
  const plain = await withSettings(file, `method.preset=${preset}`);
  const own = leavesOf(written.method?.options ?? {}).filter(({ path }) => path.length > 0);

  it('has what it says, and of the rest what the preset says', () => {
    for (const { path, value } of own) expect(at(plain.method.options, path), path.join('.')).toEqual(value);
    for (const { path, value } of leavesOf(of)) {
      if (own.some((leaf) => related(leaf.path, path) || related(path, leaf.path))) continue;
      // A group of another name, or one that the preset leaves out, is the recipe's.
      const group = path.findIndex(
        (_, i) => nameAt(plain.method.options, path.slice(0, i)) !== nameAt(of, path.slice(0, i)),
      );
      if (group < 0) expect(at(plain.method.options, path), path.join('.')).toEqual(value);
    }
  });

  it('changes in the one nested option that is set, by a setting or in a file that extends it', async () => {
    const leaves = leavesOf(plain.method.options).filter(({ path }) => !['name', 'by'].includes(path.at(-1) as string));
    let changed = 0;
    const property = fc.asyncProperty(fc.constantFrom(...leaves), fc.nat(), async ({ path, value }, choice) => {
      const candidates = others(value);
      const entry = candidates[choice % candidates.length];
      const key = `method.options.${path.join('.')}`;
      let recipe: Recipe;
      try {
        recipe = await withSettings(file, `method.preset=${preset}`, `${key}=${JSON.stringify(entry)}`);
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError);
        return;
      }
      changed++;
      expect(await inChild(file, { method: { preset, options: nested(path, entry) } })).toEqual(recipe);
      for (const leaf of leavesOf(plain).filter((leaf) => leaf.path.join('.') !== key)) {
        expect(at(recipe, leaf.path), leaf.path.join('.')).toEqual(leaf.value);
      }
      // An object has the defaults of its group beside what is set.
      if (!isGroup(entry)) expect(at(recipe.method.options, path)).toEqual(entry);
    });
    await fc.assert(property, { numRuns: 30, seed: 1 });
    expect(changed).toBeGreaterThan(5);
  });
});

const isGroup = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value);

function nameAt(options: unknown, path: Path): unknown {
  return (at(options, path) as { readonly name?: unknown } | null | undefined)?.name;
}
