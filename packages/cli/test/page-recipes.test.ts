import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRecipe, resolve, UsageError } from '@ltml/recipes';
import { planSweep } from '@ltml/recipes/node';
import { describe, expect, it } from 'vitest';
import { type Block, blocks } from './page-blocks.ts';

// Every recipe and every sweep on a page is one that the command takes.

interface Written {
  readonly place: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** The recipe of a block, or those of its lines where these are alternatives. */
function recipesOf({ place, text }: Block): Written[] {
  const read = (yaml: string): Written => ({ place, value: parseRecipe(yaml, place).value as Written['value'] });
  try {
    return [read(text)];
  } catch (error) {
    if (!(error instanceof UsageError && error.message.includes('keys must be unique'))) throw error;
    return text.split('\n').filter(Boolean).map(read);
  }
}

// A block of a comment alone has no value.
const written = blocks
  .filter(({ language }) => language === 'yaml')
  .flatMap(recipesOf)
  .filter(({ value }) => value !== null);
const has = ({ value }: Written, ...keys: string[]): boolean => keys.some((key) => key in value);
const isSuite = (each: Written): boolean => has(each, 'rows');
const isSweep = (each: Written): boolean => has(each, 'recipe', 'grid', 'list', 'random', 'prune');

describe('recipes on the pages', () => {
  const recipes = written.filter((each) => !isSuite(each) && !isSweep(each));

  it('are many', () => expect(recipes.length).toBeGreaterThan(35));

  it.each(recipes)('$place', async ({ value: { extends: _, ...entries } }) => {
    const { name = 'classifier' } = (entries.method ?? {}) as { readonly name?: string };
    // A part of a recipe may leave out the one entry that must be there.
    const loss = name === 'classifier' && { loss: { name: 'focal' } };
    await resolve({ ...loss, ...entries });
  });
});

describe('sweeps on the pages', () => {
  const sweeps = written.filter(isSweep);

  it('are some', () => expect(sweeps.length).toBeGreaterThan(3));

  it.each(sweeps)('$place', async (each) => {
    const folder = mkdtempSync(join(tmpdir(), 'ltml-pages-'));
    try {
      writeFileSync(join(folder, 'base.yaml'), 'loss: { name: focal }\nevaluation: { select: { metric: mAP } }\n');
      const file = join(folder, 'sweep.yaml');
      const points = has(each, 'grid', 'list', 'random') ? {} : { grid: { batchSize: [32, 64] } };
      writeFileSync(file, JSON.stringify({ ...points, ...each.value, recipe: 'base.yaml' }));
      expect((await planSweep(file, join(folder, 'runs'))).runs.length).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
