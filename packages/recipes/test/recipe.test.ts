import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readRecipe } from '../src/node/read-recipe.ts';
import { formatRecipe } from '../src/recipe/format.ts';
import { parseRecipe } from '../src/recipe/parse.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { UsageError } from '../src/usage-error.ts';
import { resolveText } from './resolve-text.ts';

const examples = fileURLToPath(new URL('../../../examples/recipes', import.meta.url));

const resolveFile = async (file: string, settings: readonly string[] = []): Promise<Recipe> => {
  const { value, locate } = readRecipe(file, settings);
  return resolve(value, locate);
};

/** The lines that a bad recipe is answered with. */
async function complaints(text: string): Promise<string[]> {
  try {
    await resolveText(text);
  } catch (error) {
    if (error instanceof UsageError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('resolve', () => {
  it('fills in defaults', async () => {
    expect(await resolveText('loss: { name: binary-cross-entropy }')).toMatchObject({
      name: 'run',
      seed: 1,
      data: { name: 'digits-lt', seed: 1 },
      loss: { name: 'binary-cross-entropy', reduction: 'mean' },
      sampler: { name: 'uniform' },
      features: { views: 4 },
      method: { name: 'classifier', preset: 'linear', options: { optimizer: { name: 'adamw' } } },
    });
  });

  it('reads JSON as well', async () => {
    expect(await resolveText('{"seed": 3, "loss": {"name": "focal", "gamma": 1}}')).toMatchObject({
      seed: 3,
      loss: { name: 'focal', gamma: 1 },
    });
  });

  it('takes what method.options leaves open from the preset', async () => {
    const { method } = await resolveText(
      'loss: { name: focal }\nmethod: { preset: distribution-balanced, options: { epochs: 3 } }',
    );
    expect(method.options).toMatchObject({
      epochs: 3,
      maxGradientNorm: 35,
      optimizer: { name: 'sgd', learningRate: 0.02 },
    });
  });

  it('gives back a resolved recipe as it is', async () => {
    const resolved = await resolveText(
      'loss: { name: distribution-balanced, preset: vocMlt/DB }\nmethod: { preset: linear }',
    );
    expect(await resolveText(JSON.stringify(resolved))).toEqual(resolved);
  });

  it.each<[string, string, RegExp]>([
    [
      'an unknown key',
      'seed: 1\nsed: 2\nloss: { name: focal }',
      /^run\.yaml:2: unknown "sed" \(seed\?\); known: name, seed, data, /,
    ],
    [
      'an unknown option of a loss',
      'loss:\n  name: asymmetric\n  gamma: 4\n',
      /^run\.yaml:3: loss: unknown "gamma"; known: name, gammaNegative, /,
    ],
    [
      'an unknown option deep down',
      'loss: { name: focal }\nmethod:\n  options:\n    epochs: 5\n    epoch: 3',
      /^run\.yaml:5: method\.options: unknown "epoch" \(epochs\?\); known: epochs, optimizer, /,
    ],
    [
      'an unknown loss',
      'seed: 1\nloss:\n  name: hinge',
      /^run\.yaml:3: loss\.name: should be one of binary-cross-entropy, /,
    ],
    [
      'a value of the wrong type',
      'loss: { name: focal }\n\nbatchSize: many',
      /^run\.yaml:3: batchSize: should be a whole number from 1, or one for each stage$/,
    ],
    ['a value out of range', 'loss: { name: focal }\nbatchSize: 0', /^run\.yaml:2: batchSize: /],
    ['a missing loss', 'seed: 1', /^run\.yaml:1: loss: /],
    [
      'a name that would leave the folder',
      'name: ../../x\nloss: { name: focal }',
      /^run\.yaml:1: name: should have only/,
    ],
    ['the folder above as a name', 'name: ..\nloss: { name: focal }', /^run\.yaml:1: name: should have only/],
    ['an empty file', '', /^run\.yaml/],
  ])('refuses %s, with its line', async (_, text, message) => {
    const [first] = await complaints(text);
    expect(first).toMatch(message);
  });

  it('tells all mistakes at once', async () => {
    expect(await complaints('seed: -1\nbatchSize: 0\nloss: { name: focal }')).toHaveLength(2);
  });

  it('names the line of a syntax error', async () => {
    expect(() => parseRecipe('loss:\n  name: [focal\nseed: 1', 'run.yaml')).toThrow(/^run\.yaml:\d: /);
  });
});

it.each(readdirSync(examples))('the example %s is right', async (name) => {
  expect((await resolveFile(join(examples, name))).name).toBe(name.replace('.yaml', ''));
});

describe('--set', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
    file = join(folder, 'run.yaml');
    writeFileSync(file, 'loss: { name: focal }\nmethod:\n  options: { epochs: 5 }\n');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const resolveWith = (...settings: string[]): Promise<Recipe> => resolveFile(file, settings);

  it('changes entries, makes missing ones, and reads YAML values', async () => {
    expect(await resolveWith('method.options.epochs=7', 'loss={name: asymmetric, clip: 0}', 'name=a-b')).toMatchObject({
      name: 'a-b',
      method: { options: { epochs: 7 } },
      loss: { name: 'asymmetric', clip: 0 },
    });
  });

  it('is checked like the file, and named as the place', async () => {
    await expect(resolveWith('method.options.epoch=7')).rejects.toThrow(/^--set method\.options\.epoch: unknown/);
    await expect(resolveWith('batchSize=none')).rejects.toThrow(
      /^--set batchSize: should be a whole number from 1, or one for each stage$/,
    );
    await expect(resolveWith('loss.name=hinge')).rejects.toThrow(/^--set loss\.name: should be one of/);
  });

  it('changes an option of an optimiser or of data that is not named', async () => {
    expect(
      await resolveWith('method.options.optimizer.learningRate=0.01', 'data.seed=4', 'loss.gamma=1'),
    ).toMatchObject({
      data: { name: 'digits-lt', seed: 4 },
      loss: { name: 'focal', gamma: 1 },
      method: { options: { optimizer: { name: 'adamw', learningRate: 0.01, weightDecay: 0.0001 } } },
    });
  });

  it('leaves the lines of other entries to the file', async () => {
    writeFileSync(file, 'loss: { name: focal }\nsed: 1\n');
    await expect(resolveWith('batchSize=3')).rejects.toThrow(`${file}:2: unknown "sed" (seed?)`);
  });

  it('refuses what is not key=value', async () => {
    await expect(resolveWith('epochs')).rejects.toThrow(
      /should be key=value, e\.g\. seed=2 or method\.options\.epochs=5/,
    );
  });

  it('says which file cannot be read', async () => {
    expect(() => readRecipe(join(folder, 'none.yaml'))).toThrow(/none\.yaml: no such file$/);
  });
});

describe('a recipe of cprfl', () => {
  it('has its own loss and tiny-clip unless it says otherwise', async () => {
    expect(await resolveText('method: { name: cprfl, preset: voc-lt/db-focal }')).toMatchObject({
      loss: null,
      method: { classEmbeddings: { name: 'tiny-clip' }, options: { loss: 'db-focal/voc', width: 2048 } },
    });
    expect((await resolveText('method: { name: cprfl }\nloss: { name: ranking }')).loss).toMatchObject({
      name: 'ranking',
    });
    await expect(resolveText('method: { name: cprfl, classEmbeddings: { name: word-vectors } }')).rejects.toThrow(
      /path/,
    );
    await expect(
      resolveText('loss: { name: focal }\nmethod: { classEmbeddings: { name: tiny-clip } }'),
    ).rejects.toThrow(/unknown "classEmbeddings"/);
  });
});

describe('features', () => {
  it('is 4, and null for methods that look at pictures', async () => {
    expect((await resolveText('method: { name: sarb }')).features).toEqual({ views: 4, dir: 'features', memory: null });
    expect((await resolveText('method: { name: mkt }')).features).toBeNull();
    expect(await complaints('method: { name: dscl }\nfeatures: { views: 2 }')).toEqual([
      'run.yaml:2: features: should be null or left out: dscl needs pictures, not stored features',
    ]);
  });
});

describe('selection', () => {
  it('is by images that are held out, or by name on the test images', async () => {
    expect(await resolveText('loss: { name: focal }')).toMatchObject({
      data: { validation: { share: 0.15, seed: 0 } },
      evaluation: { selection: 'validation', select: null },
    });
    const none = 'loss: { name: focal }\ndata: { validation: null }\nevaluation: { select: {}, selection: ';
    expect((await complaints(`${none}validation }`))[0]).toMatch(
      /^run\.yaml:3: evaluation\.select: no images are held out/,
    );
    expect((await resolveText(`${none}published }`)).evaluation.selection).toBe('published');
  });
});

it('the recipe that is printed is one again', async () => {
  for (const name of readdirSync(examples)) {
    const config = await resolveFile(join(examples, name));
    expect(await resolveText(formatRecipe(config)), name).toEqual(config);
  }
});
