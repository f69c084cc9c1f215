import { readFileSync } from 'node:fs';
import { DataError, exportState, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { readResnetTiny, resnetTiny } from '../src/index.ts';
import { loadResnetTiny } from '../src/node/index.ts';

const bytes = readFileSync(new URL('../weights/resnet-tiny.safetensors', import.meta.url));

test('resnet-tiny has 173,304 parameters and 96 features on an 8 × 8 map', () => {
  const net = resnetTiny().eval();
  expect([...net.namedParameters()].reduce((sum, [, { variable }]) => sum + variable.size, 0)).toBe(173_304);
  const images = tf.zeros([2, 64, 64, 3]);
  const { featureMap, features } = net.forward(images);
  expect(featureMap.shape).toEqual([2, 8, 8, 96]);
  expect(features.shape).toEqual([2, 96]);
  tf.dispose([images, featureMap, features]);
  net.dispose();
});

test('the weights are at most 500,000 bytes of half precision', () => {
  expect(bytes.byteLength).toBeLessThanOrEqual(500_000);
  const { metadata } = readSafetensors(bytes);
  expect(metadata.task).toBe('digits-source@1/train');
});

test('the network loads as shipped, in evaluation mode, and gives finite features', async () => {
  const before = tf.memory().numTensors;
  const net = await loadResnetTiny();
  expect(net.training).toBe(false);
  const stored = readSafetensors(bytes).tensors;
  for (const [name, { shape, data }] of await exportState(net)) {
    expect(shape).toEqual(stored.get(name)?.shape);
    expect(data).toEqual(stored.get(name)?.data);
  }
  const images = tf.randomUniform([4, 64, 64, 3], -2, 2, 'float32', 3);
  const { featureMap, features } = net.forward(images);
  expect(features.dataSync().every(Number.isFinite)).toBe(true);
  // An image's features do not depend on its batch.
  const alone = tf.tidy(() => net.forward(tf.slice(images, [2], [1])).features);
  expectClose(alone.dataSync(), features.dataSync().slice(2 * 96, 3 * 96));
  tf.dispose([images, featureMap, features, alone]);
  net.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a truncated file, a missing tensor and a wrong shape are refused, and nothing leaks', () => {
  const before = tf.memory().numTensors;
  const { tensors } = readSafetensors(bytes);
  const refused = (file: Uint8Array, message: RegExp): void => {
    expect(() => readResnetTiny(file)).toThrow(message);
    expect(() => readResnetTiny(file)).toThrow(expect.toSatisfy(DataError.is));
  };
  refused(bytes.subarray(0, bytes.byteLength - 1), /./);
  refused(bytes.subarray(0, 100), /./);
  const without = new Map(tensors);
  without.delete('layer2.0.bn1.weight');
  refused(writeSafetensors(without), /layer2\.0\.bn1\.weight is missing/);
  const misshapen = new Map(tensors).set('bn1.bias', { dtype: 'F32', shape: [23], data: new Float32Array(23) });
  refused(writeSafetensors(misshapen), /bn1\.bias/);
  expect(tf.memory().numTensors).toBe(before);
});
