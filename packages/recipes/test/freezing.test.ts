import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encoderByName, type ZooEncoder, zoo } from '@ltml/backbone';
import { exportState } from '@ltml/tensor';
import { fit } from '@ltml/train';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, resolve } from '../src/node/index.ts';
import { writeTinyPictures } from './tiny-pictures.ts';

/**
 * Encoders of each kind at a hundredth of their sizes, with the state names of the whole ones. Their names differ from
 * those of other tests, which share the zoo.
 */
const sizes: Readonly<Record<string, object>> = {
  resnet18: { stem: 4, channels: [4, 6, 8, 8], blocks: [1, 1, 1, 1] },
  resnet50: { stem: 4, planes: [2, 2, 4, 4], blocks: [1, 1, 1, 1] },
  resnet50d: { stem: 4, planes: [2, 2, 4, 4], blocks: [1, 1, 1, 1] },
  clip_rn50: { width: 4, heads: 2, blocks: [1, 1, 1, 1], embedding: 64 },
  vit_base_patch16_224: { width: 16, heads: 2, depth: 3, patchSize: 8 },
  deit_base_distilled_patch16_224: { width: 16, heads: 2, depth: 3, patchSize: 8 },
  vit_base_patch14_reg4_dinov2: { width: 16, heads: 2, depth: 3, patchSize: 8 },
  clip_vit_b16: { width: 16, heads: 2, layers: 3, patchSize: 8, embedding: 64 },
};
for (const [name, small] of Object.entries(sizes)) {
  const { encoder } = encoderByName(name);
  const { network } = encoder;
  const part = 'shape' in network ? 'shape' : 'config';
  const own = (network as unknown as Record<string, object>)[part];
  const width = 'embedding' in small ? 64 : encoder.width;
  const mapWidth = name === 'clip_rn50' ? 128 : undefined;
  const scaled = { ...network, [part]: { ...own, ...small } } as ZooEncoder['network'];
  (zoo as ZooEncoder[]).push({
    ...encoder,
    name: `freezing-${name}`,
    aliases: [],
    weights: [],
    width,
    ...(mapWidth && { mapWidth }),
    network: scaled,
  });
}

let root: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'ltml-freezing-'));
  await writeTinyPictures(root, 32, [8, 1]);
});
afterAll(() => rmSync(root, { recursive: true }));

/** By how much one step of gradient descent moves each weight of a learner, as the length of its change. */
async function movedBy(encoder: string, method: object): Promise<ReadonlyMap<string, number>> {
  const recipe = await resolve({
    data: { name: 'table', root, file: 'labels.csv', validation: null },
    encoder: { name: `freezing-${encoder}`, weights: 'none', imageSize: 32 },
    pictures: { size: 32, shift: 0, brightness: 0, contrast: 0 },
    features: null,
    method,
    batchSize: 8,
  });
  const built = await build(recipe, { workers: 0 });
  const { learner, loader, stageLoaders, random } = built;
  const before = await exportState(learner);
  await fit({ learner, loader, stageLoaders, random, eager: true });
  const after = await exportState(learner);
  const trained = [...learner.namedParameters()].map(([name]) => name);
  built.dispose();
  return new Map(
    trained.map((name) => {
      const [a, b] = [before, after].map((state) => state.get(name)?.data as Float32Array);
      return [name, Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0))];
    }),
  );
}

const sgd = (learningRate: number) => ({ name: 'sgd', learningRate, momentum: 0, weightDecay: 0 });
const constant = { name: 'constant', warmup: null };
/** The names of what moved below a prefix, without it. */
const namesIn = (moved: ReadonlyMap<string, number>, prefix: string, isMoved = true) =>
  [...moved].flatMap(([name, length]) =>
    name.startsWith(prefix) && length > 0 === isMoved ? [name.slice(prefix.length)] : [],
  );

describe('SARB trains the last stage alone', () => {
  it.each(['resnet18', 'resnet50', 'resnet50d', 'clip_rn50'])('of %s', async (encoder) => {
    const moved = await movedBy(encoder, {
      name: 'sarb',
      preset: 'ssgrl',
      options: { epochs: 1, optimizer: sgd(1), schedule: constant, features: 8, attention: { innerFeatures: 8 } },
    });
    const names = namesIn(moved, 'encoder.');
    expect(names.length).toBeGreaterThan(2);
    expect(names.filter((name) => !name.startsWith('layer4.'))).toEqual([]);
    const still = namesIn(moved, 'encoder.', false);
    for (const stage of ['conv1', 'bn1', 'layer1', 'layer2', 'layer3']) {
      expect(still.some((name) => name.startsWith(`${stage}.`))).toBe(true);
    }
  });
});

describe('MKT trains what lies above its fixed layers', () => {
  const stem =
    /^(cls_token|dist_token|reg_token|pos_embed|patch_embed|conv1|bn1|class_embedding|positional_embedding|ln_pre)/;
  it.each([
    ['vit_base_patch16_224', /^blocks\.[01]\./],
    ['deit_base_distilled_patch16_224', /^blocks\.[01]\./],
    ['vit_base_patch14_reg4_dinov2', /^blocks\.[01]\./],
    ['clip_vit_b16', /^transformer\.resblocks\.[01]\./],
    ['resnet18', /^layer[12]\./],
    ['resnet50d', /^layer[12]\./],
    ['clip_rn50', /^(conv[23]|bn[23]|layer[12])\./],
  ] as const)('of %s', async (encoder, fixed) => {
    const options = { optimizer: sgd(1), schedule: constant, epochs: 1, fixLayer: 2, layerDecay: 0.5 };
    const moved = await movedBy(encoder, {
      name: 'mkt',
      options: { topK: 1, distil: options, prompt: { epochs: 0 } },
      clip: { name: 'tiny-clip' },
    });
    const names = namesIn(moved, 'student.');
    expect(names.length).toBeGreaterThan(3);
    expect(names.filter((name) => stem.test(name) || fixed.test(name))).toEqual([]);
  });
});

it("CPRFL's encoder learns at a tenth of the rate, if the recipe says so", async () => {
  const of = (learningRateScale: number) =>
    movedBy('vit_base_patch16_224', {
      name: 'cprfl',
      options: {
        ...{ epochs: 1, optimizer: sgd(0.01), schedule: constant, averageDecay: null, encoder: { learningRateScale } },
        ...{ width: 8, vsi: { heads: 2, headWidth: 4, hiddenWidth: 8, dropout: 0 } },
      },
    });
  const [whole, tenth] = [await of(1), await of(0.1)];
  for (const [name, length] of whole) {
    const expected = name.startsWith('encoder.') ? length / 10 : length;
    expect(Math.abs((tenth.get(name) as number) - expected), name).toBeLessThanOrEqual(1e-6 + 0.01 * expected);
  }
  expect(namesIn(whole, 'encoder.').length).toBeGreaterThan(30);
});
