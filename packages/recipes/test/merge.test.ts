import { describe, expect, it } from 'vitest';
import { losses } from '../src/parts/losses.ts';
import { methods } from '../src/parts/methods.ts';
import type { Recipe } from '../src/recipe/recipe.ts';
import { resolve } from '../src/recipe/resolve.ts';
import { at, leavesOf, nested, others, type Path } from './leaves.ts';

const cases = Object.entries(methods).flatMap(([name, { presets, needs }]) =>
  Object.entries(presets).map(([preset, options]) => {
    const base = { ...(needs.loss === 'any' && { loss: { name: 'focal' } }), method: { name, preset } };
    return { name, preset, options, base };
  }),
);

describe.each(cases)('$name, preset $preset', ({ options, base }) => {
  const withEntry = (path: Path, value: unknown): Recipe =>
    resolve({ ...base, method: { ...base.method, options: nested(path, value) } });
  const plain = resolve(base);

  it('is what its package says', () => {
    expect(plain.method.options).toEqual(options);
  });

  it('stays as it is with an entry set to the value that it has', () => {
    for (const { path, value } of leavesOf(options)) expect(withEntry(path, value), path.join('.')).toEqual(plain);
  });

  it('changes in the one entry that is set to another value', () => {
    let changed = 0;
    const leaves = leavesOf(options).filter(({ path }) => path.at(-1) !== 'name');
    for (const { path, value } of leaves) {
      for (const other of others(value)) {
        let recipe: Recipe;
        try {
          recipe = withEntry(path, other);
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
  it('are those of the optimiser of the preset, unless another one is named', () => {
    const options = (optimizer: object): unknown =>
      at(resolve({ loss: { name: 'focal' }, method: { preset: 'distribution-balanced', options: { optimizer } } }), [
        ...['method', 'options', 'optimizer'],
      ]);
    const sgd = { name: 'sgd', learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4, nesterov: false };
    expect(options({ learningRate: 0.01 })).toEqual(sgd);
    expect(options({ name: 'adam', learningRate: 0.01 })).toEqual({
      name: 'adam',
      learningRate: 0.01,
      weightDecay: 0,
      beta1: 0.9,
      beta2: 0.999,
    });
  });

  it('are the method’s defaults where the preset has none of a group', () => {
    const { method } = resolve({
      loss: { name: 'focal' },
      method: { options: { schedule: { warmup: { steps: 10 } }, neck: {} } },
    });
    expect(method.options).toMatchObject({
      schedule: { warmup: { steps: 10, from: 0 } },
      neck: { width: 256, layers: 1 },
    });
    expect(resolve({ method: { name: 'cprfl', options: { vsi: null } } }).method.options).toMatchObject({ vsi: null });
  });

  it('are those of the parts that are meant by default', () => {
    const recipe = resolve({
      data: { seed: 3 },
      encoder: { pretrained: false },
      loss: { name: 'partial-binary-cross-entropy' },
      method: { name: 'sarb', classEmbeddings: { template: '{}' } },
    });
    expect(recipe).toMatchObject({
      data: { name: 'digits-lt', seed: 3 },
      encoder: { name: 'resnet-tiny', pretrained: false },
      loss: { name: 'partial-binary-cross-entropy', perImage: false },
      method: { classEmbeddings: { name: 'tiny-clip', template: '{}' } },
    });
  });

  it('are those of the preset of a loss', () => {
    const loss = (own: object): unknown =>
      resolve({ loss: { name: 'distribution-balanced', preset: 'vocMlt/DB-Focal', ...own } }).loss;
    const plain = loss({}) as Record<string, unknown>;
    expect(plain).toMatchObject({ reweight: { by: 'rebalance', mu: 0.3 }, ntr: { lambda: 5 }, focal: { balance: 2 } });
    for (const { path, value } of leavesOf(plain)) {
      expect(loss(nested(path, value)), path.join('.')).toEqual(plain);
    }
    expect(loss({ focal: { gamma: 1 } })).toEqual({ ...plain, focal: { gamma: 1, balance: 2 } });
    expect(loss({ reweight: { by: 'none' } })).toEqual({ ...plain, reweight: { by: 'none' } });
    expect(losses.names).toContain('distribution-balanced');
  });

  it('are of the object itself, not of what it inherits', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(() => resolve({ loss: { name: 'focal' }, method: { name } })).toThrow(/method\.name: should be one of/);
      expect(() => resolve({ loss: { name: 'focal' }, method: { preset: name } })).toThrow(/method\.preset/);
    }
  });
});
