import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportState } from '@ltml/tensor';
import { fit } from '@ltml/train';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { build, resolve } from '../src/node/index.ts';
import { smallNetworks } from './small-networks.ts';
import { writeTinyPictures } from './tiny-pictures.ts';

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ltml-memory-'));
  await writeTinyPictures(root, 32, [8, 1]);
});
afterAll(() => rmSync(root, { recursive: true }));

/** Losses of the steps of two epochs, and the weights after them. */
async function trained(name: string, entries: object, recompute = false) {
  const recipe = await resolve({
    data: { name: 'table', root, file: 'labels.csv', validation: null },
    encoder: { name, weights: 'none', imageSize: 32, recompute },
    pictures: { size: 32, shift: 0, brightness: 0, contrast: 0 },
    features: null,
    loss: { name: 'binary-cross-entropy' },
    method: { options: { epochs: 2, optimizer: { name: 'sgd', learningRate: 0.1 } } },
    ...entries,
  });
  const built = await build(recipe, { workers: 0 });
  const { learner, loader, stageLoaders, random } = built;
  const losses: number[] = [];
  const observers = [{ onStep: ({ loss }: { readonly loss: number }) => void losses.push(loss) }];
  await fit({ learner, loader, stageLoaders, random, accumulate: built.recipe.accumulate, observers });
  const weights = [...(await exportState(learner)).values()].flatMap(({ data }) => Array.from(data, Number));
  built.dispose();
  return { losses, weights };
}

const largest = (a: readonly number[], b: readonly number[]) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), Math.abs(a.length - b.length));

// Float32 has seven digits: sums in another order differ in the last ones.
it.each(smallNetworks)('%s with recompute has the losses and weights of training without', async (name) => {
  const [plain, recomputed] = [await trained(name, { batchSize: 4 }), await trained(name, { batchSize: 4 }, true)];
  expect(plain.losses).toHaveLength(4);
  expect(largest(plain.losses, recomputed.losses)).toBeLessThan(1e-5);
  expect(largest(plain.weights, recomputed.weights)).toBeLessThan(1e-4);
});

it.each(smallNetworks)('%s with accumulated batches has those of the whole batch', async (name) => {
  const [whole, parts] = [await trained(name, { batchSize: 8 }), await trained(name, { batchSize: 2, accumulate: 4 })];
  expect(parts.losses).toHaveLength(2);
  expect(largest(whole.losses, parts.losses)).toBeLessThan(1e-5);
  expect(largest(whole.weights, parts.weights)).toBeLessThan(1e-4);
});
