import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recipeJsonSchema } from '../src/recipe/json-schema.ts';
import { parseRecipe } from '../src/recipe/parse.ts';
import { resolveText } from './resolve-text.ts';

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const examples = pathOf('../../../examples/recipes');

describe('the JSON Schema of recipes', () => {
  let takes: (text: string) => boolean;
  beforeAll(async () => {
    // As an editor reads it.
    const read = JSON.parse(JSON.stringify(await recipeJsonSchema())) as z.core.JSONSchema.JSONSchema;
    const schema = z.fromJSONSchema(read);
    takes = (text) => schema.safeParse(parseRecipe(text, 'run.yaml').value).success;
  });

  it.each(readdirSync(examples))(
    'takes the example %s, which names it, before and after it is resolved',
    async (name) => {
      const text = readFileSync(join(examples, name), 'utf8');
      expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/packages\/recipes\/recipe\.schema\.json\n/);
      expect(takes(text)).toBe(true);
      expect(takes(JSON.stringify(await resolveText(text)))).toBe(true);
    },
  );

  it.each([
    ['a parent and single options', 'extends: base.yaml\nmethod: { options: { epochs: 3 } }\ndata: { seed: 2 }', true],
    ['an unknown entry', 'sed: 1', false],
    ['an unknown loss', 'loss: { name: hinge }', false],
    ['an option of another loss', 'loss: { name: focal, clip: 0.1 }', false],
    ['a value out of range', 'batchSize: 0', false],
    ['an option of no method', 'method: { name: sarb, options: { epoch: 3 } }', false],
  ])('says of %s whether it is right', (_, text, right) => {
    expect(takes(text)).toBe(right);
  });
});
