import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostTensor, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromInt8, toInt8 } from '../src/model/int8.ts';
import { build } from '../src/node/build.ts';
import {
  describeModel,
  evaluate,
  loadModel,
  scoreGroups,
  splitImages,
  storeBundle,
  writeModel,
} from '../src/node/index.ts';
import { resolveText } from './resolve-text.ts';
import { sampleScores } from './sample-scores.ts';

let folder: string;
let bundle: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-store-'));
  bundle = join(folder, 'bundle');
  const built = await build(
    await resolveText('loss: { name: focal }\nencoder: { imageSize: 32 }\nfeatures: { views: 0 }'),
  );
  await writeModel(bundle, built, await describeModel(built), { kind: 'last', step: 7 });
  built.dispose();
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

async function scoresOf(path: string): Promise<Float32Array> {
  const { images, scores } = await sampleScores(path, 32);
  images.dispose();
  return scores;
}

describe('storeBundle', () => {
  it.each([
    ['float32', 1, 0],
    ['float16', 0.52, 0.01],
    ['int8', 0.35, 0.1],
  ] as const)('stores weights as %s, and how far that moves the scores', async (storage, share, most) => {
    const target = join(folder, storage);
    const before = tf.memory().numTensors;
    const { weights } = await storeBundle(bundle, target, { storage, licence: 'CC0-1.0' });
    expect(tf.memory().numTensors).toBe(before);
    const written = JSON.parse(readFileSync(join(target, 'model.json'), 'utf8'));
    expect(written).toMatchObject({ licence: 'CC0-1.0', weights: { ...weights, storage, kind: 'last', step: 7 } });
    const bytes = (path: string) => statSync(join(path, 'model.safetensors')).size;
    expect(bytes(target) / bytes(bundle)).toBeLessThanOrEqual(share);
    const [given, stored] = [await scoresOf(bundle), await scoresOf(target)];
    const difference = given.reduce((largest, score, i) => Math.max(largest, Math.abs(score - stored[i])), 0);
    expect(written.weights.difference).toBeCloseTo(difference, 5);
    expect(difference).toBeLessThanOrEqual(most);
    const { cost } = written.weights;
    if (storage === 'float32') return expect(cost).toBeNull();
    expect(difference).toBeGreaterThan(0);
    const model = await loadModel(bundle);
    const images = await splitImages(model.data, model.recipe.seed, 'validation');
    expect(cost.images).toBe(images.images.length);
    expect(cost.mAP.float32).toBe(scoreGroups(await evaluate(model, { images }), model.groups).total);
    expect(Math.abs(cost.mAP.stored - cost.mAP.float32)).toBeLessThan(0.05);
    model.dispose();
  });
});

describe('int8', () => {
  const random = new RandomStream(1);
  const tensor = (shape: number[], scale = 1): HostTensor => ({
    dtype: 'F32',
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => scale * random.normal()),
  });

  it('is off by half a step of its row at most, and exact at the largest number', () => {
    const given = tensor([4, 100]);
    (given.data as Float32Array).fill(0, 300);
    const stored = toInt8(new Map([['w', given]]));
    expect([...stored.keys()]).toEqual(['w', 'w.scale']);
    const restored = fromInt8(stored).get('w') as HostTensor;
    expect(restored.shape).toEqual([4, 100]);
    for (let row = 0; row < 4; row++) {
      const [a, b] = [given, restored].map(({ data }) => Array.from(data.slice(row * 100, (row + 1) * 100), Number));
      const largest = Math.max(...a.map(Math.abs));
      for (const [i, value] of a.entries()) expect(Math.abs(value - b[i])).toBeLessThanOrEqual(largest / 254 + 1e-7);
      expect(Math.max(...b.map(Math.abs))).toBeCloseTo(largest, 6);
    }
  });

  it('leaves vectors, small tensors and whole numbers alone, and what is merely called a scale', () => {
    const bytes: HostTensor = { dtype: 'U8', shape: [2, 200], data: new Uint8Array(400) };
    const given = new Map<string, HostTensor>([
      ['bias', tensor([1000])],
      ['small', tensor([2, 3])],
      ['bytes', bytes],
      ['bias.scale', tensor([3])],
    ]);
    expect(fromInt8(toInt8(given))).toEqual(given);
  });
});
