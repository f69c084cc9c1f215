import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildEncoder, encoderByName } from '@ltml/backbone';
import { imagenetStatistics } from '@ltml/images';
import { exportState, type HostTensor, type Module, RandomStream } from '@ltml/tensor';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { build, resolve } from '../src/node/index.ts';
import { loadNetwork } from '../src/node/load-network.ts';
import { type EncoderConfig, encoders, type LoadedEncoder } from '../src/parts/encoders.ts';

const hashOf = ({ buffer, byteOffset, byteLength }: HostTensor['data']): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-encoders-'));
  vi.stubEnv('HF_HUB_CACHE', join(folder, 'hub'));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const loaded = (config: EncoderConfig): Promise<LoadedEncoder> =>
  encoders.create(config, { random: new RandomStream(1), load: loadNetwork });
const stateOf = async (network: Module) =>
  new Map([...(await exportState(network))].map(([name, { data }]) => [name, hashOf(data)]));

/** Weights of a network as they lie in the cache of the hub, by a name of it. */
async function intoCache(name: string, config?: object): Promise<Map<string, string>> {
  const { encoder, weights } = encoderByName(name);
  const network = buildEncoder(encoder, { random: new RandomStream(8), imageSize: 32 });
  const model = join(folder, 'hub', `models--${weights?.hub.replace('/', '--')}`);
  const commit = '0123456789abcdef0123456789abcdef01234567';
  mkdirSync(join(model, 'snapshots', commit), { recursive: true });
  mkdirSync(join(model, 'refs'), { recursive: true });
  writeFileSync(join(model, 'refs', 'main'), commit);
  if (config) writeFileSync(join(model, 'snapshots', commit, 'config.json'), JSON.stringify(config));
  await writeSafetensorsFile(join(model, 'snapshots', commit, 'model.safetensors'), await exportState(network));
  const state = await stateOf(network);
  network.dispose();
  return state;
}

describe('an encoder of the zoo', () => {
  it.each([
    ['{ "name": "resnet5O" }', /encoder\.name: should be an encoder of the zoo\. Did you mean resnet50\?/],
    ['{ "name": "convnext_tiny" }', /encoder\.name: should be one of resnet-tiny/],
    ['{ "name": "resnet18", "imageSize": "large" }', /encoder\.imageSize: should be pixels, or \[height, width\]/],
    ['{ "name": "resnet18", "imageSize": [64] }', /encoder\.imageSize: should be pixels, or \[height, width\]/],
    ['{ "name": "resnet18", "freeze": "layer1" }', /encoder\.freeze: should be true, or patterns/],
    [
      '{ "name": "resnet18", "pretrained": false }',
      /encoder: unknown "pretrained"; known: name, weights, run, imageSize/,
    ],
  ])('%s is refused in a sentence', async (encoder, message) => {
    await expect(resolve({ encoder: JSON.parse(encoder), loss: { name: 'focal' } })).rejects.toThrow(message);
  });

  it('whose weights are not there is refused with the command that fetches them', async () => {
    await expect(loaded({ name: 'resnet101' })).rejects.toThrow(
      /timm\/resnet101\.tv_in1k .*Fetch them with "ltml weights pull timm\/resnet101\.tv_in1k"/,
    );
    await expect(loaded({ name: 'resnet101', weights: 'hub:me/mine@v2' })).rejects.toThrow(
      /me\/mine .*"ltml weights pull me\/mine --revision v2"/,
    );
    await expect(loaded({ name: 'resnet101', weights: 'hub:mine' })).rejects.toThrow(/hub:owner\/name/);
    await expect(loaded({ name: 'resnet101', weights: join(folder, 'none.safetensors') })).rejects.toThrow(
      /none\.safetensors .*a file that can be read/,
    );
    await expect(loaded({ name: 'vit_base_patch16_gap_224' })).rejects.toThrow(
      /weights should be a file, hub:owner\/name or none/,
    );
  });

  it('takes weights from the cache of the hub, and their preprocessing', async () => {
    const expected = await intoCache('deit_tiny_patch16_224.fb_in1k');
    const { network, statistics, imageSize } = await loaded({ name: 'deit_tiny_patch16_224', imageSize: 32 });
    expect(await stateOf(network)).toEqual(expected);
    expect(imageSize).toEqual({ height: 32, width: 32 });
    // The network's own are −1 … 1.
    expect(statistics).toEqual(imagenetStatistics);
    network.dispose();
    await expect(loaded({ name: 'resnet18', weights: 'hub:timm/deit_tiny_patch16_224.fb_in1k' })).rejects.toThrow(
      /weights of resnet18, got those of another network: ViT, width 192/,
    );
  });

  it('takes images that are no square, to which positions are resized and pictures too', async () => {
    const encoder = { name: 'deit_tiny_patch16_224', imageSize: [48, 32] as const };
    const { network, features } = await loaded(encoder);
    const output = tf.tidy(() => network.forward(tf.zeros([2, 48, 32, 3])).features.shape);
    expect(output).toEqual([2, features]);
    network.dispose();
    const built = await build(await resolve({ encoder, features: null, loss: { name: 'focal' } }));
    expect(built.inputs.train.inputs.shape).toEqual([48, 32, 3]);
    built.dispose();
  });

  it('is told apart from pictures of another size', async () => {
    const encoder = { name: 'deit_tiny_patch16_224', imageSize: 32 };
    const recipe = await resolve({ encoder, pictures: { size: 64 }, features: null, loss: { name: 'focal' } });
    await expect(build(recipe)).rejects.toThrow(/encoder: takes images of 32 × 32, but pictures become 64 × 64/);
  });

  it('rests as far as the recipe says', async () => {
    const freeze = { parameters: '^(conv1|layer1)\\.', statistics: '^(bn1|layer1)' };
    const { network } = await loaded({ name: 'resnet-tiny', freeze });
    const trainable = Array.from(network.trainableParameters(), ([name]) => name);
    expect(trainable.filter((name) => /^(conv1|layer1)\./.test(name))).toEqual([]);
    expect(trainable).toContain('layer2.0.conv1.weight');
    network.dispose();
    const still = await loaded({ name: 'resnet-tiny', freeze: true });
    expect([...still.network.trainableParameters()]).toEqual([]);
    still.network.dispose();
  });

  it('without weights is drawn by the seed, and otherwise by another', async () => {
    const draw = async (seed: number) => {
      const { network } = await encoders.create(
        { name: 'resnet-tiny', weights: 'none' },
        { random: new RandomStream(seed), load: loadNetwork },
      );
      const [first] = await stateOf(network);
      network.dispose();
      return first;
    };
    expect(await draw(1)).toEqual(await draw(1));
    expect(await draw(1)).not.toEqual(await draw(2));
  });

  it('has a feature map if it is to be averaged', async () => {
    await expect(loaded({ name: 'tiny-clip', mapPool: 2 })).rejects.toThrow(/tiny-clip has no feature map/);
  });
});

it('keeps few activations with recompute, and gives the same loss', async () => {
  const results = [];
  for (const recompute of [false, true]) {
    const { network } = await loaded({ name: 'vit_tiny_patch16_224', imageSize: 32, weights: 'none', recompute });
    network.train();
    let kept = 0;
    const [, last] = [...network.trainableParameters()].at(-1) ?? [];
    const { value, grads } = tf.variableGrads(() => {
      const before = tf.memory().numTensors;
      const { features } = network.forward(tf.reshape(tf.linspace(-1, 1, 32 * 32 * 3), [1, 32, 32, 3]));
      kept = tf.memory().numTensors - before;
      return tf.sum(tf.square(features)) as tf.Scalar;
    }, last && [last.variable]);
    results.push({ kept, loss: value.dataSync()[0] });
    tf.dispose([value, grads]);
    network.dispose();
  }
  const [plain, recomputed] = results;
  expect(recomputed.loss).toBe(plain.loss);
  expect(recomputed.kept).toBeLessThan(plain.kept / 3);
});
