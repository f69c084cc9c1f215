import type { InputSource } from '@ltml/data';
import { expect, it } from 'vitest';
import { FeatureStore } from '../src/build/feature-store.ts';
import { build } from '../src/node/build.ts';
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
