import { differentiate, disposeGradients, OptionError, RandomStream, ShapeError } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { ClipTextTransformer, clipSimilarity, clipTextTower, loadClipText, tensorSource } from '../../src/index.ts';
import { parameterCount, randomHost, stateNames } from '../support.ts';

const config = { vocabularySize: 20, contextLength: 7, width: 8, heads: 2, layers: 2, embedding: 5 };
const create = (): ClipTextTransformer => new ClipTextTransformer(config, new RandomStream(1)).eval();
const ids = (rows: number[][]): tf.Tensor2D => tf.tensor2d(rows, undefined, 'int32');

test("the tower of OpenAI's CLIP has 63,428,096 parameters and its names", () => {
  const tower = clipTextTower();
  // With the scale of the logits, which is not part of the tower, the file has one more.
  expect(parameterCount(tower)).toBe(63_428_096);
  expect(stateNames(tower)).toEqual(
    expect.arrayContaining([
      ...['token_embedding.weight', 'positional_embedding', 'ln_final.bias', 'text_projection'],
      ...['transformer.resblocks.11.attn.in_proj_weight', 'transformer.resblocks.0.mlp.c_fc.bias'],
    ]),
  );
  expect(tower.config).toMatchObject({ contextLength: 77, layers: 12 });
  tower.dispose();
});

test('what follows the first end token changes nothing, nor does cutting it off', () => {
  const tower = create();
  const padded = tower.forward(ids([[18, 3, 4, 19, 0, 0, 0]]));
  const otherwise = tower.forward(ids([[18, 3, 4, 19, 7, 19, 2]]));
  const cut = tower.forward(ids([[18, 3, 4, 19]]));
  expectClose(otherwise.dataSync(), padded.dataSync());
  expectClose(cut.dataSync(), padded.dataSync());
  const earlier = tower.forward(ids([[18, 3, 5, 19]]));
  expect(Math.max(...tf.abs(tf.sub(earlier, cut)).dataSync())).toBeGreaterThan(1e-3);
  tower.dispose();
});

test('each text is encoded by itself', () => {
  const tower = create();
  const rows = [
    [18, 3, 4, 19, 0],
    [18, 19, 0, 0, 0],
    [18, 5, 6, 7, 19],
  ];
  const together = tower.forward(ids(rows)).arraySync();
  for (const [i, row] of rows.entries()) expectClose(tower.forward(ids([row])).dataSync(), together[i]);
  tower.dispose();
});

test('embeddings of the tokens in place of ids give the same, and carry a gradient', () => {
  const tower = create();
  const texts = ids([[18, 3, 19]]);
  const embedded = tower.embedTokens(texts);
  expect(embedded.shape).toEqual([1, 3, 8]);
  expectClose(tower.forwardEmbedded(embedded, texts).embedding.dataSync(), tower.forward(texts).dataSync());
  const gradient = tf.grad((x) => tf.sum(tower.forwardEmbedded(x as tf.Tensor3D, texts).embedding))(embedded);
  expect(gradient.dataSync().every((value) => value !== 0)).toBe(true);
  tower.dispose();
});

test('all parameters have a gradient, positions and tokens only where they are used, and nothing leaks', () => {
  const before = tf.memory().numTensors;
  const tower = create();
  const texts = ids([[18, 3, 3, 19]]);
  const { loss, gradients } = differentiate(
    () => ({ loss: tf.sum(tf.square(tower.forward(texts))) as tf.Scalar, terms: {} }),
    [...tower.namedParameters()].map(([, parameter]) => parameter),
  );
  expect(gradients.size).toBe([...tower.namedParameters()].length);
  const used = (rows: tf.Tensor | undefined): number[] =>
    (rows as tf.Tensor2D).arraySync().flatMap((row, i) => (row.some((value) => value !== 0) ? [i] : []));
  expect(used(gradients.get(tower.token_embedding.weight))).toEqual([3, 18, 19]);
  expect(used(gradients.get(tower.positional_embedding))).toEqual([0, 1, 2, 3]);
  disposeGradients(gradients);
  tf.dispose([loss, texts]);
  tower.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('more tokens than positions, and embeddings that do not fit the ids, are refused', () => {
  const tower = create();
  expect(() => tower.forward(ids([[1, 2, 3, 4, 5, 6, 7, 8]]))).toThrow(expect.toSatisfy(ShapeError.is));
  expect(() => tower.forwardEmbedded(tf.zeros([1, 3, 8]), ids([[1, 2]]))).toThrow(expect.toSatisfy(ShapeError.is));
  expect(() => clipTextTower({ width: 3 } as never)).toThrow(expect.toSatisfy(OptionError.is));
  tower.dispose();
});

test('a checkpoint without a tensor of the tower is refused, and nothing leaks', async () => {
  const before = tf.memory().numTensors;
  const tensors = new Map([
    ['token_embedding.weight', randomHost([20, 8], 1)],
    ['positional_embedding', randomHost([7, 8], 2)],
    ['text_projection', randomHost([8, 5], 3)],
    ['transformer.resblocks.0.attn.in_proj_weight', randomHost([24, 8], 4)],
  ]);
  await expect(loadClipText(tensorSource(tensors))).rejects.toThrow(/options\.heads should be given/);
  await expect(loadClipText(tensorSource(tensors), { heads: 2 })).rejects.toThrow(/ln_final\.weight is missing/);
  tensors.delete('positional_embedding');
  await expect(loadClipText(tensorSource(tensors), { heads: 2 })).rejects.toThrow(/positional_embedding/);
  expect(tf.memory().numTensors).toBe(before);
});

test('similarity is exp(s) times the cosine; lengths do not count, and a zero vector fits nothing', () => {
  const images = tf.tensor2d([
    [3, 0],
    [0, 0],
  ]);
  const texts = tf.tensor2d([
    [2, 0],
    [1, 1],
    [-5, 0],
  ]);
  const logits = clipSimilarity(images, texts, tf.tensor1d([Math.log(10)]));
  expectClose(logits.dataSync(), [10, 10 * Math.SQRT1_2, -10, 0, 0, 0]);
  expect(() => clipSimilarity(images, tf.zeros([2, 3]), tf.scalar(0))).toThrow(expect.toSatisfy(ShapeError.is));
});
