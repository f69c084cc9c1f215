import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseRecipe } from '../src/recipe/parse.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { UsageError } from '../src/usage-error.ts';
import { allMethods } from './all-methods.ts';
import { leavesOf, type Path } from './leaves.ts';

const shipped = fileURLToPath(new URL('../../../examples/recipes', import.meta.url));

interface Leaf {
  readonly recipe: object;
  readonly path: Path;
  readonly name: string;
  readonly value: unknown;
}

/** Every entry of the shipped recipes with every preset of their methods, each value of it once. */
const leaves = new Map<string, Leaf>();
for (const file of readdirSync(shipped)) {
  const written = parseRecipe(readFileSync(join(shipped, file), 'utf8'), file).value as Record<string, unknown>;
  const method = written.method as { readonly name?: string; readonly options?: object } | undefined;
  for (const preset of Object.keys(allMethods[method?.name ?? 'classifier'].presets)) {
    const recipe = await resolve({ ...written, method: { ...method, preset } });
    for (const { path, value } of leavesOf(recipe)) {
      const name = path.join('.');
      const of = path[0] === 'method' ? recipe.method.name : '';
      const kind = typeof value === 'string' ? value : typeof value;
      leaves.set(`${of} ${name} ${kind}`, { recipe, path, name, value });
    }
  }
}

/** Texts of the user's own; every other text is one of a list. */
const freeTexts = /^name$|\.template$|\.freeze\.(parameters|statistics)$|\.(path|file|weights)$|^features\.dir$/;

/** What null switches off. */
const nullable =
  /^(features|features\.memory|steps|checkpointEverySteps)$|\.freeze\.|\.(maxGradientNorm|averageDecay|schedule\.epochs|reweightBeta|samples|schedule\.momentum)$/;

/** Numbers that count nothing, so that none is too large. */
const continuous =
  /(^|\.)seed$|\.(learningRate|minLearningRate|learningRateScale|weightDecay|maxGradientNorm|margin|weight|temperature|epsilon|gamma)$|^loss\./;

function withEntry({ recipe, path }: Leaf, value: unknown): object {
  const copy = structuredClone(recipe) as Record<string, unknown>;
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy);
  parent[path.at(-1) as string] = value;
  return copy;
}

/** It is refused in its place, or in that of the group that it is in. */
async function expectRefused(leaf: Leaf, value: unknown): Promise<void> {
  const slip = `${leaf.name}: ${JSON.stringify(value)}`;
  let error: unknown;
  try {
    await resolve(withEntry(leaf, value), (path) => `<${path.join('.')}>`);
  } catch (thrown) {
    error = thrown;
  }
  expect(error, slip).toBeInstanceOf(UsageError);
  const groups = leaf.path.map((_, i) => leaf.path.slice(0, i + 1).join('.'));
  const [, place, entry] = /^<(.*?)> *:? ([\w.]+): /.exec((error as UsageError).message) ?? [];
  expect(groups, `${slip}: ${(error as UsageError).message}`).toContain(place);
  expect(entry, slip).toBe(place);
}

describe('a shipped recipe, of each preset', () => {
  const all = [...leaves.values()];

  it('is refused for a slip in any name', async () => {
    const names = all.filter(({ name, value }) => typeof value === 'string' && !freeTexts.test(name));
    expect(names.length).toBeGreaterThan(50);
    for (const leaf of names) {
      for (const slip of [`${leaf.value}x`, `${leaf.value}`.toUpperCase(), '']) await expectRefused(leaf, slip);
    }
  });

  it('is refused for a thousand million of what it counts', async () => {
    const counts = all.filter(({ name, value }) => typeof value === 'number' && !continuous.test(name));
    expect(counts.length).toBeGreaterThan(50);
    for (const leaf of counts) await expectRefused(leaf, 1e9);
  });

  it('is refused for null where that switches nothing off', async () => {
    for (const leaf of all) if (leaf.value !== null && !nullable.test(leaf.name)) await expectRefused(leaf, null);
  });
});
