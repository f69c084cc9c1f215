import { readFileSync } from 'node:fs';
import { digitsLt } from '@ltml/data';
import { DataError, exportState, type RandomStream, readSafetensors, writeSafetensors } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { captionScene, falseNegatives } from '../../scripts/tiny-clip/captions.ts';
import { tinyTokenizerFile } from '../../scripts/tiny-clip/words.ts';
import { zeroShotAveragePrecision } from '../../scripts/tiny-clip/zero-shot.ts';
import { readTinyClip } from '../../src/index.ts';
import { loadTinyClip } from '../../src/node/index.ts';

const weights = readFileSync(new URL('../../weights/tiny-clip.safetensors', import.meta.url));
const tokenizerFile = readFileSync(new URL('../../weights/tiny-clip-tokenizer.json', import.meta.url), 'utf8');
const scenes = await digitsLt({ unseenClasses: true });

test('without a label of theirs, the green classes are found: 0.9 mAP at least', async () => {
  const made = await loadTinyClip();
  const { all, unseen } = await zeroShotAveragePrecision(made, scenes.test);
  expect(scenes.test.classes.slice(20)).toEqual(expect.arrayContaining(['green zero', 'green nine']));
  expect(scenes.train.classes.some((name) => name.startsWith('green'))).toBe(false);
  expect(unseen).toBeGreaterThan(0.9);
  expect(all).toBeGreaterThan(0.9);
  made.clip.dispose();
});

test('it loads as shipped, in at most 3 MB, in evaluation mode, and an image is the mean of its places', async () => {
  expect(weights.byteLength).toBeLessThan(3e6);
  const before = tf.memory().numTensors;
  const { clip } = readTinyClip(weights, tokenizerFile);
  expect(clip.visual.trunk.training).toBe(false);
  const stored = readSafetensors(weights).tensors;
  for (const [name, { data }] of await exportState(clip)) expect(data).toEqual(stored.get(name)?.data);
  const images = tf.randomUniform([2, 64, 64, 3], -2, 2, 'float32', 1);
  const { features, patches, tokens } = clip.visual.forward(images);
  expect(patches.shape).toEqual([2, 64, 64]);
  expect(tokens.shape).toEqual([2, 65, 64]);
  expectClose(
    features.dataSync(),
    tf.tidy(() => tf.mean(patches, 1).dataSync()),
  );
  const ids = tf.tensor2d([[1, 2, 3]], undefined, 'int32');
  const output = clip.forward(images, ids);
  expect(output.logits.shape).toEqual([2, 1]);
  tf.dispose([images, features, patches, tokens, ids, output]);
  clip.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a truncated file and a missing tensor are refused, and nothing leaks', () => {
  const before = tf.memory().numTensors;
  const refused = expect.toSatisfy(DataError.is);
  expect(() => readTinyClip(weights.subarray(0, 1000), tokenizerFile)).toThrow(refused);
  const { tensors } = readSafetensors(weights);
  tensors.delete('visual.proj');
  expect(() => readTinyClip(writeSafetensors(tensors), tokenizerFile)).toThrow(/visual\.proj is missing/);
  expect(() => readTinyClip(weights, '{}')).toThrow(refused);
  expect(tf.memory().numTensors).toBe(before);
});

test('the tokenizer is that of the script, and every word of a caption is one token', async () => {
  expect(tokenizerFile.trim()).toBe(tinyTokenizerFile());
  const { clip, tokenizer } = await loadTinyClip();
  clip.dispose();
  for (const text of [...scenes.test.classes, 'a photo of', 'There is a red three and a blue seven in the scene']) {
    expect(tokenizer.encode(text)).toHaveLength(text.split(' ').length);
  }
});

test('a caption names one or all of the labelled digits, and pairs that are true too take no part in the loss', () => {
  const names = ['red one', 'blue two', 'green six'];
  const draw = (uniform: number, integer: number) =>
    ({ integer: () => integer, uniform: () => uniform, shuffle: <T>(items: T) => items }) as unknown as RandomStream;
  expect(captionScene([0, 2], names, draw(0.9, 0))).toEqual({ text: 'a red one and a green six', classes: [0, 2] });
  expect(captionScene([0, 2], names, draw(0.1, 1))).toEqual({ text: 'a photo of a red one.', classes: [0] });
  const captions = [
    { text: '', classes: [0] },
    { text: '', classes: [0, 1] },
  ];
  // The caption of the first scene is true of the second, not the other way round.
  expect([...falseNegatives([[0], [0, 1]], captions)]).toEqual([0, 0, 1, 0]);
});
