import { describe, expect, it } from 'vitest';
import { losses } from '../src/parts/losses.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { allMethods } from './all-methods.ts';
import { at, leavesOf, nested, others, type Path } from './leaves.ts';

const cases = Object.entries(allMethods).flatMap(([name, { presets, needs }]) =>
  Object.entries(presets).map(([preset, options]) => {
    const base = { ...(needs.loss === 'any' && { loss: { name: 'focal' } }), method: { name, preset } };
    return { name, preset, options, base };
  }),
);

describe.each(cases)('$name, preset $preset', async ({ options, base }) => {
  const withEntry = (path: Path, value: unknown): Promise<Recipe> =>
    resolve({ ...base, method: { ...base.method, options: nested(path, value) } });
  const plain = await resolve(base);

  it('is what its package says', async () => {
    expect(plain.method.options).toEqual(options);
  });

  it('stays as it is with an entry set to the value that it has', async () => {
    for (const { path, value } of leavesOf(options)) {
      expect(await withEntry(path, value), path.join('.')).toEqual(plain);
    }
  });

  it('changes in the one entry that is set to another value', async () => {
    let changed = 0;
    const leaves = leavesOf(options).filter(({ path }) => path.at(-1) !== 'name');
    for (const { path, value } of leaves) {
      for (const other of others(value)) {
        let recipe: Recipe;
        try {
          recipe = await withEntry(path, other);
        } catch {
          continue;
        }
        if (JSON.stringify(at(recipe.method.options, path)) === JSON.stringify(value)) continue;
        changed++;
        const rest = leavesOf(options).filter((leaf) => leaf.path !== path);
        for (const leaf of rest) {
          if (leaf.path.join('.') === path.join('.')) continue;
          expect(at(recipe.method.options, leaf.path), `${path.join('.')} and ${leaf.path.join('.')}`).toEqual(
            leaf.value,
          );
        }
        break;
      }
    }
    expect(changed).toBeGreaterThan(leaves.length / 2);
  });
});

describe('entries that a recipe leaves open', () => {
  it('are those of the optimiser of the preset, unless another one is named', async () => {
    const options = async (optimizer: object): Promise<unknown> =>
      at(
        await resolve({ loss: { name: 'focal' }, method: { preset: 'distribution-balanced', options: { optimizer } } }),
        [...['method', 'options', 'optimizer']],
      );
    const sgd = { name: 'sgd', learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4, nesterov: false };
    expect(await options({ learningRate: 0.01 })).toEqual(sgd);
    expect(await options({ name: 'adam', learningRate: 0.01 })).toEqual({
      name: 'adam',
      learningRate: 0.01,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
    });
  });

  it('are the method’s defaults where the preset has none of a group', async () => {
    const { method } = await resolve({
      loss: { name: 'focal' },
      method: { options: { schedule: { warmup: { steps: 10 } }, neck: {} } },
    });
    expect(method.options).toMatchObject({
      schedule: { warmup: { steps: 10, from: 0 } },
      neck: { width: 256, layers: 1 },
    });
    expect((await resolve({ method: { name: 'cprfl', options: { vsi: null } } })).method.options).toMatchObject({
      vsi: null,
    });
  });

  it('are those of the parts that are meant by default', async () => {
    const recipe = await resolve({
      data: { seed: 3 },
      encoder: { weights: 'none' },
      loss: { name: 'partial-binary-cross-entropy' },
      method: { name: 'sarb', classEmbeddings: { template: '{}' } },
    });
    expect(recipe).toMatchObject({
      data: { name: 'digits-lt', seed: 3 },
      encoder: { name: 'resnet-tiny', weights: 'none' },
      loss: { name: 'partial-binary-cross-entropy', perImage: false },
      method: { classEmbeddings: { name: 'tiny-clip', template: '{}' } },
    });
  });

  it('are those of the preset of a loss', async () => {
    const loss = async (own: object): Promise<unknown> =>
      (await resolve({ loss: { name: 'distribution-balanced', preset: 'vocMlt/DB-Focal', ...own } })).loss;
    const plain = (await loss({})) as Record<string, unknown>;
    expect(plain).toMatchObject({ reweight: { by: 'rebalance', mu: 0.3 }, ntr: { lambda: 5 }, focal: { balance: 2 } });
    for (const { path, value } of leavesOf(plain)) {
      expect(await loss(nested(path, value)), path.join('.')).toEqual(plain);
    }
    expect(await loss({ focal: { gamma: 1 } })).toEqual({ ...plain, focal: { gamma: 1, balance: 2 } });
    expect(await loss({ reweight: { by: 'none' } })).toEqual({ ...plain, reweight: { by: 'none' } });
    expect(losses.names).toContain('distribution-balanced');
  });

  it('are of the object itself, not of what it inherits', async () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      await expect(resolve({ loss: { name: 'focal' }, method: { name } })).rejects.toThrow(
        /method\.name: should be one of/,
      );
      await expect(resolve({ loss: { name: 'focal' }, method: { preset: name } })).rejects.toThrow(/method\.preset/);
    }
  });
});
