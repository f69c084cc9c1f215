import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, exportState, type HostTensor, RandomStream, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { writeSafetensorsFile } from '@ltml/tensor/node';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bottleneckResNet, bytesSource, loadClipImage, loadResNet, tensorSource } from '../src/index.ts';
import { openWeights, withWeights } from '../src/node/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-weights-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const shape = { stem: 4, planes: [2, 3], blocks: [1, 1], groups: 1, groupWidth: 64 };

test('a network goes through a file bit for bit', async () => {
  const before = tf.memory().numTensors;
  const network = bottleneckResNet(shape, { random: new RandomStream(1) });
  const state = await exportState(network);
  const file = join(folder, 'model.safetensors');
  await writeSafetensorsFile(file, state);
  const loaded = await withWeights(file, (weights) => loadResNet(weights));
  expect(await exportState(loaded)).toEqual(state);
  network.dispose();
  loaded.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  ['zip', [0x50, 0x4b, 3, 4, 20, 0, 0, 0]],
  ['pickle', [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46]],
])('a %s of PyTorch is refused with the command that converts it', async (_, start) => {
  const file = join(folder, 'pytorch_model.bin');
  writeFileSync(file, Uint8Array.from([...start, 1, 2, 3]));
  const refused = expect(openWeights(file)).rejects;
  await refused.toSatisfy(DataError.is);
  await refused.toThrow(/weights_only=True[\s\S]*pytorch_model\.safetensors/);
  expect(() => bytesSource(Uint8Array.from(start))).toThrow(expect.toSatisfy(DataError.is));
});

test('a safetensors header may be as long as a pickle begins', async () => {
  // 0x280 bytes of header: its length begins with 0x80 0x02, as a pickle does.
  const bytes = writeSafetensors(new Map([['a', { dtype: 'F32', shape: [1], data: Float32Array.of(1) }]]));
  const header = new TextDecoder().decode(bytes.subarray(8, bytes.length - 4)).padEnd(0x280);
  const start = Uint8Array.of(0x80, 0x02, 0, 0, 0, 0, 0, 0);
  const file = Buffer.concat([start, Buffer.from(header), bytes.subarray(bytes.length - 4)]);
  expect(bytesSource(file).names).toEqual(['a']);
});

test('truncated and hostile files are refused, and the network of a failed load is freed', async () => {
  const before = tf.memory().numTensors;
  const network = bottleneckResNet(shape, { random: new RandomStream(1) });
  const bytes = writeSafetensors(await exportState(network));
  network.dispose();
  const file = join(folder, 'model.safetensors');
  for (const length of [0, 4, 8, 100, bytes.length - 1]) {
    writeFileSync(file, bytes.subarray(0, length));
    await expect(withWeights(file, (weights) => loadResNet(weights))).rejects.toSatisfy(DataError.is);
  }
  const { tensors } = readSafetensors(bytes);
  tensors.set('bn1.weight', { dtype: 'I64', shape: [4], data: new BigInt64Array(4) });
  await expect(loadResNet(tensorSource(tensors))).rejects.toSatisfy(DataError.is);
  tensors.delete('bn1.weight');
  await expect(loadResNet(tensorSource(tensors))).rejects.toThrow(/bn1\.weight is missing/);
  expect(tf.memory().numTensors).toBe(before);
});

test('tensors are read one at a time', async () => {
  const network = bottleneckResNet(shape, { random: new RandomStream(1) });
  const inMemory = tensorSource(await exportState(network));
  let [open, most] = [0, 0];
  const loaded = await loadResNet({
    ...inMemory,
    async read(name) {
      most = Math.max(most, ++open);
      const tensor = await inMemory.read(name);
      open--;
      return tensor;
    },
  });
  expect(most).toBe(1);
  network.dispose();
  loaded.dispose();
});

test("the image tower of Hugging Face's CLIP gives the authors' embeddings", async () => {
  const { tensors } = readSafetensors(
    readFileSync(new URL('fixtures/backbone/tiny_clip_hf_names.safetensors', import.meta.url)),
  );
  const weights = new Map(
    [...tensors].filter(([name]) => name.startsWith('w/')).map(([name, t]) => [name.slice(2), t]),
  );
  const network = await loadClipImage(tensorSource(weights), { heads: 2 });
  const stored = (name: string) => tensors.get(name) as HostTensor;
  const { data, shape } = stored('in/image');
  const images = tf.transpose(
    tf.tensor4d(data as Float32Array, shape as [number, number, number, number]),
    [0, 2, 3, 1],
  );
  const { features } = network.forward(images);
  expectClose(features.dataSync(), stored('out/image_features').data as Float32Array, { absolute: 1e-5 });
  network.dispose();
});
