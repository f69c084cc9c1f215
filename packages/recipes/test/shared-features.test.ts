import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputSource } from '@ltml/data';
import type { ComputedViews } from '@ltml/train';
import { expect, it } from 'vitest';
import { FeatureStore } from '../src/build/feature-store.ts';
import { build } from '../src/node/build.ts';
import { sharedFeatures } from '../src/node/features/shared-features.ts';
import { resolve } from '../src/recipe/resolve.ts';

/** The keys that features are asked for by; none are computed. */
async function keysOf(data: object): Promise<string[]> {
  const keys: string[] = [];
  class Asked extends FeatureStore {
    override async get(key: string): Promise<InputSource> {
      keys.push(key);
      return { length: 0, shape: [96], read: async () => new Float32Array(0) };
    }
  }
  const written = {
    data: { name: 'digits-ml', trainScenes: 80, testScenes: 20, validation: null, ...data },
    features: { views: 0 },
    loss: { name: 'partial-binary-cross-entropy' },
  };
  const built = await build(await resolve(written, () => ''), { features: new Asked() });
  try {
    await built.inputs.compute();
    return keys;
  } finally {
    built.dispose();
  }
}

it('runs share features whatever labels they know, where these do not choose the images', async () => {
  const known = (proportion: number): object => ({ knownLabels: { proportion } });
  expect(await keysOf(known(0.1))).toEqual(await keysOf(known(0.5)));
  for (const chosen of [{ share: 0.5 }, { validation: { share: 0.2 } }]) {
    const [few, more] = [await keysOf({ ...known(0.1), ...chosen }), await keysOf({ ...known(0.5), ...chosen })];
    expect(few).toHaveLength(more.length);
    expect(few.filter((key) => more.includes(key))).toEqual([]);
  }
});

it('processes share features by a folder: what one has computed, the other reads, number by number', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ltml-shared-'));
  try {
    const computed: ComputedViews = {
      shape: [2, 1],
      views: [Float32Array.of(1, 0.1, -3, 4, 5, 6), Float32Array.of(6, 5, 4, 3, 2, 1)],
    };
    const first = await new FeatureStore(sharedFeatures(join(folder, 'new'))).get('a', async () => computed);
    const other = new FeatureStore(sharedFeatures(join(folder, 'new')));
    const second = await other.get('a', () => Promise.reject(new Error('computed again')));
    expect([second.length, second.shape]).toEqual([3, [2, 1]]);
    const lastView = { streamsOf: () => ({ integer: () => 0 }) };
    for (const source of [first, second]) {
      expect([...(await source.read([2, 0]))]).toEqual([5, 6, 1, Math.fround(0.1)]);
      expect([...(await source.read([1], lastView.streamsOf as never))]).toEqual([4, 3]);
    }
    await expect(other.get('b', () => Promise.reject(new Error('computed')))).rejects.toThrow('computed');
    expect(readdirSync(join(folder, 'new'))).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
