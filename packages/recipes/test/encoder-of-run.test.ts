import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resnetTiny } from '@ltml/backbone';
import { exportState, RandomStream } from '@ltml/tensor';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, it } from 'vitest';
import { loadEncoderOfRun } from '../src/node/encoder-of-run.ts';
import { loadNetwork } from '../src/node/load-network.ts';
import { encoders } from '../src/parts/encoders.ts';

const folder = mkdtempSync(join(tmpdir(), 'encoder-of-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each(['learner.encoder.', 'encoder.', 'learner.query.encoder.'])('finds the network under %s', async (prefix) => {
  const trained = resnetTiny(new RandomStream(5));
  const state = await exportState(trained);
  trained.dispose();
  const run = join(folder, prefix);
  await mkdir(join(run, 'model'), { recursive: true });
  const tensors = new Map([...state].map(([name, tensor]) => [prefix + name, tensor]));
  const head = { dtype: 'F32' as const, shape: [1], data: Float32Array.of(1) };
  await writeSafetensorsFile(
    join(run, 'model', 'model.safetensors'),
    new Map([['learner.head.bias', head], ...tensors]),
  );
  const network = resnetTiny(new RandomStream(6));
  await loadEncoderOfRun(network, run);
  expect(await exportState(network)).toEqual(state);
  network.dispose();
});

it('names a folder without a run, and a network of another form', async () => {
  const network = resnetTiny(new RandomStream(6));
  await expect(loadEncoderOfRun(network, join(folder, 'nothing'))).rejects.toThrow(/nothing should be a finished run/);
  const run = join(folder, 'other');
  await mkdir(run);
  const bias = { dtype: 'F32' as const, shape: [1], data: Float32Array.of(1) };
  await writeSafetensorsFile(join(run, 'model.safetensors'), new Map([['learner.head.bias', bias]]));
  await expect(loadEncoderOfRun(network, run)).rejects.toThrow(/model\.safetensors should be .* got another network/);
  network.dispose();
});

it('mapPool averages the map over places, and leaves features and names of the state', async () => {
  const parts = () => ({ random: new RandomStream(1), load: loadNetwork });
  const plain = await encoders.create({ name: 'resnet-tiny', weights: 'none', mapPool: 1 }, parts());
  const pooled = await encoders.create({ name: 'resnet-tiny', weights: 'none', mapPool: 2 }, parts());
  for (const { network } of [plain, pooled]) network.eval();
  tf.tidy(() => {
    const images = tf.ones([1, 16, 16, 3]);
    const mapOf = ({ network }: typeof plain) =>
      network.forward(images) as unknown as { features: tf.Tensor; featureMap: tf.Tensor4D };
    const [whole, averaged] = [mapOf(plain), mapOf(pooled)];
    expect(averaged.featureMap.shape.slice(1, 3)).toEqual(whole.featureMap.shape.slice(1, 3).map((side) => side / 2));
    expect(tf.max(tf.abs(tf.sub(averaged.features, whole.features))).dataSync()[0]).toBe(0);
    const mean = tf.avgPool(whole.featureMap, 2, 2, 'valid');
    expect(tf.max(tf.abs(tf.sub(averaged.featureMap, mean))).dataSync()[0]).toBe(0);
  });
  const names = async ({ network }: typeof plain) => [...(await exportState(network)).keys()];
  expect(await names(pooled)).toEqual(await names(plain));
  for (const { network } of [plain, pooled]) network.dispose();
});
