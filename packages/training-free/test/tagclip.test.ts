import { ClipVisionTransformer } from '@ltml/backbone';
import { RandomStream } from '@ltml/tensor';
import { aboveShare, boxMask, refinePatches, tagclipScores } from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normal, unitRows } from './support.ts';

const tower = new ClipVisionTransformer(
  { imageSize: 24, patchSize: 8, width: 16, layers: 3, heads: 2, embedding: 6 },
  new RandomStream(1),
);
const text = unitRows(4, 6, 2);
const options = { layers: [1, 2], votes: 1 } as const;

it('draws one box around cells that touch at a corner', () => {
  const map = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  expect([...boxMask(map, [4, 4], 0.5)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

it('reaches the last row and column if asked', () => {
  const map = [0, 0, 0, 0, 0, 0, 0, 0, 1];
  expect([...boxMask(map, [3, 3], 0.5)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect([...boxMask(map, [3, 3], 0.5, { fullBoxes: true })]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

it('leaves a class with equal scores as it is', () => {
  const maps = [tf.fill<tf.Rank.R2>([4, 4], 0.25), tf.eye(4)];
  const coarse = tf.fill<tf.Rank.R2>([4, 1], 0.5);
  const { attended, refined } = refinePatches(maps, coarse, [2, 2], { votes: 1, layers: [1, 1] });
  expect(refined.dataSync()).toEqual(attended.dataSync());
});

it('scores an image of any size without a leak', () => {
  const image = normal<tf.Rank.R4>([1, 32, 48, 3], 3);
  const before = tf.memory().numTensors;
  const scores = tagclipScores(tower, image, text, { ...options, classes: 3 });
  expect(scores.coarse.shape).toEqual([24, 4]);
  expect(scores.score.shape).toEqual([3]);
  expect(scores.score.dataSync().every((score) => score >= 0 && score <= 1)).toBe(true);
  tf.dispose(scores);
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses sizes that fill no patches, several images and layers that are not there', () => {
  const image = (shape: [number, number, number, number]) => tf.zeros<tf.Rank.R4>(shape);
  expect(() => tagclipScores(tower, image([1, 30, 24, 3]), text, options)).toThrow('multiples of 8');
  expect(() => tagclipScores(tower, image([2, 24, 24, 3]), text, options)).toThrow('[1, H, W, 3]');
  expect(() => tagclipScores(tower, image([1, 24, 24, 3]), text)).toThrow('3 maps');
});

it('calls present what is above the middle of the range', () => {
  expect(aboveShare(tf.tensor2d([[0, 1, 4]])).arraySync()).toEqual([[-2, -1, 2]]);
});
