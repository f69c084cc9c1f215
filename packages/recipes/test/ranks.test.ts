import { canCompile } from '@ltml/tensor';
import { findMismatch } from '@ltml/tensor/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { inRanks } from './in-ranks.ts';
import { type RanksResult, ranksCases, trainCase } from './ranks-cases.ts';

const way = canCompile() ? 'compiled' : 'eager';
const methods = Object.keys(ranksCases);
/** Cases by the number of ranks; scripts/ranks.ts has them all. Engines that compile run one case op by op, too; the others run all of them so. */
const cases: Readonly<Record<number, readonly string[]>> = {
  2: [...methods.map((method) => `${method} ${way}`), ...(canCompile() ? ['sarb eager'] : [])],
  3: ['classifier', 'sarb'].map((method) => `${method} ${way}`),
};

// Batches are of 5, 5 and 2 images: two ranks have 3 and 2 of the first, three ranks 2, 2 and 1, and one none of the last.
describe.each([2, 3])('%i ranks', { timeout: 600_000 }, (size) => {
  let ranks: readonly Record<string, RanksResult>[];
  beforeAll(async () => {
    ranks = await inRanks(size, cases[size]);
  }, 600_000);
  test.each(cases[size])('train as one alone: %s', async (name) => {
    const [method, how] = name.split(' ');
    const { losses, weights } = await trainCase(ranksCases[method], { eager: how === 'eager' });
    expect(losses.length).toBeGreaterThanOrEqual(50);
    for (const rank of ranks) {
      expect(findMismatch(rank[name].losses, losses, { relative: 1e-5, absolute: 1e-5 })).toBeNull();
      for (const [weight, values] of Object.entries(weights)) {
        const mismatch = findMismatch(rank[name].weights[weight], values, { relative: 1e-5, absolute: 1e-5 });
        expect(mismatch && `${weight}: ${mismatch}`).toBeNull();
      }
    }
  });
});
