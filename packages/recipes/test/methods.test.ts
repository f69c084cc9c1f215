import { expect, it, vi } from 'vitest';
import { build } from '../src/node/build.ts';
import { methods } from '../src/parts/methods.ts';
import { resolveText } from './resolve-text.ts';

const loaded = vi.hoisted((): string[] => []);
vi.mock('@ltml/classifier', (original) => note('classifier', original));
vi.mock('@ltml/cprfl', (original) => note('cprfl', original));
vi.mock('@ltml/dscl', (original) => note('dscl', original));
vi.mock('@ltml/mkt', (original) => note('mkt', original));
vi.mock('@ltml/sarb', (original) => note('sarb', original));

function note(name: string, original: () => Promise<object>): Promise<object> {
  loaded.push(name);
  return original();
}

it('a recipe imports its own method and no other', async () => {
  expect(loaded).toEqual([]);
  const built = await build(await resolveText('loss: { name: focal }\nfeatures: { views: 0 }'));
  built.dispose();
  expect(loaded).toEqual(['classifier']);
  await resolveText('method: { name: sarb }');
  expect(loaded).toEqual(['classifier', 'sarb']);
});

it('each method has the name that recipes have for it', async () => {
  for (const [name, load] of Object.entries(methods)) expect((await load()).name).toBe(name);
});
