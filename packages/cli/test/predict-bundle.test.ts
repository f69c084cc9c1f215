import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, describeModel, resolve, writeModel } from '@ltml/recipes/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ltml } from './in-process.ts';

const photo = (i: number) => fileURLToPath(new URL(`../../../examples/photos/scene-00${i}.png`, import.meta.url));
const labels = 'red three, green seven, blue zero';
let folder: string;

/** Bundles without training: one that reads texts, one that knows embeddings of texts, and one of classes only. */
const mkt = {
  encoder: { name: 'tiny-clip' },
  method: { name: 'mkt', preset: 'repo', options: { topK: 6, distil: { fixLayer: 2 } } },
};
const recipes = {
  mkt,
  embedded: {
    ...mkt,
    method: {
      ...mkt.method,
      options: { ...mkt.method.options, prompt: { epochs: 0 } },
      classEmbeddings: { name: 'tiny-clip' },
    },
  },
  closed: { encoder: { weights: 'none' }, features: { views: 0 }, loss: { name: 'focal' } },
};

async function writeBundle(name: string, recipe: object): Promise<void> {
  const built = await build(await resolve({ name: 'model', ...recipe }));
  const classes = built.splits.classes.map((entry, c) => (c === 0 ? { ...entry, id: '/m/0' } : entry));
  const description = await describeModel({ ...built, splits: { ...built.splits, classes } });
  await writeModel(join(folder, name), built, description, { kind: 'last', step: 0 });
  built.dispose();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-bundle-'));
  for (const [name, recipe] of Object.entries(recipes)) await writeBundle(name, recipe);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

const predict = (name: string, ...args: string[]) => ltml('predict', join(folder, name), ...args);

interface Line {
  readonly scores: readonly { readonly class: string; readonly id?: string; readonly score: number }[];
}

it.each(['mkt', 'embedded'])('ranks free labels by a bundle of %s', async (name) => {
  const { code, stdout, stderr } = await predict(name, photo(0), '--labels', labels, '--json');
  expect(code, stderr).toBe(0);
  const { scores } = JSON.parse(stdout) as Line;
  expect(scores.map((entry) => entry.class).sort()).toEqual(labels.split(', ').sort());
  const flipped = await predict(name, photo(0), '--labels', labels, '--json', '--tta', 'flip');
  expect(JSON.parse(flipped.stdout)).not.toEqual(JSON.parse(stdout));
});

it('shows where free labels are seen, if it reads texts', async () => {
  const maps = join(folder, 'maps');
  const { code, stderr } = await predict('mkt', photo(0), '--labels', labels, '--evidence', maps, '--top', '2');
  expect(code, stderr).toBe(0);
  expect(readdirSync(maps)).toHaveLength(2);
  const refused = await predict('embedded', photo(0), '--labels', labels, '--evidence', maps);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/--evidence: with --labels needs a model/) });
});

it('refuses free labels where a model knows its classes only, and maps where it looks at pictures as a whole', async () => {
  const out = join(folder, 'closed.jsonl');
  const { code, stderr } = await predict('closed', photo(0), '--labels', labels, '--out', out);
  expect(stderr).toBe('ltml: classifier can only score the classes that it was trained on\n');
  expect(code).toBe(2);
  expect(existsSync(`${out}.partial`)).toBe(false);
  const maps = await predict('closed', photo(0), '--evidence', join(folder, 'none'));
  expect(maps).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/--evidence: classifier has no maps of where it looks; cprfl/),
  });
  expect(existsSync(join(folder, 'none'))).toBe(false);
});

it('says the id of a class whose data set calls it otherwise', async () => {
  const { stdout } = await predict('closed', photo(0), '--json', '--top', '20');
  const { scores } = JSON.parse(stdout) as Line;
  expect(scores.filter(({ id }) => id !== undefined)).toEqual([expect.objectContaining({ id: '/m/0' })]);
});

it('goes on with a file only by the weights that began it', async () => {
  const [late, out] = [join(folder, 'late.png'), join(folder, 'begun.csv')];
  writeFileSync(late, 'no picture');
  const pictures = [...Array.from({ length: 40 }, () => photo(0)), late];
  expect((await predict('closed', ...pictures, '--out', out)).code).toBe(1);
  copyFileSync(photo(1), late);
  const weights = join(folder, 'closed', 'model.safetensors');
  const [bytes, json] = [readFileSync(weights), readFileSync(join(folder, 'closed', 'model.json'))];
  // The same model, trained from another seed.
  await writeBundle('closed', { ...recipes.closed, seed: 2 });
  const other = await predict('closed', ...pictures, '--out', out);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringMatching(/begun with another model or other options/) });
  writeFileSync(weights, bytes);
  writeFileSync(join(folder, 'closed', 'model.json'), json);
  expect(await predict('closed', ...pictures, '--out', out)).toMatchObject({ code: 0 });
  expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(1 + 41);
});
