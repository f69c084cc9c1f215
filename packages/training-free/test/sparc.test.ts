import { debias, matchClasses, principalDirection, rankedScores, sparcScores } from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { normal } from './support.ts';

const cosines = {
  ensemble: normal<tf.Rank.R2>([12, 3], 1, 0.1),
  simple: normal<tf.Rank.R2>([12, 3], 2, 0.1),
  compound: normal<tf.Rank.R2>([12, 5], 3, 0.1),
};
const members = [[0, 1, 2], [3], []];

it('does not see what an image does to all of its scores', async () => {
  const factors = tf.add(tf.abs(normal<tf.Rank.R2>([12, 1], 4)), 0.5);
  const shifts = normal<tf.Rank.R2>([12, 1], 5);
  const moved = (scores: tf.Tensor2D): tf.Tensor2D => tf.add(tf.mul(scores, factors), shifts);
  const other = { ensemble: moved(cosines.ensemble), simple: moved(cosines.simple), compound: moved(cosines.compound) };
  const [expected, got] = [await sparcScores(cosines, members), await sparcScores(other, members)];
  const differences = tf.abs(tf.sub(expected.score, got.score));
  expect(tf.max(differences).dataSync()[0]).toBeLessThan(1e-4);
});

it('leaves a class without compound prompts its own score', async () => {
  const { single, merged, score } = await sparcScores(cosines, members);
  const column = (scores: tf.Tensor2D) => tf.slice(scores, [0, 2], [-1, 1]).dataSync();
  expect(column(merged)).toEqual(column(single));
  expect(column(score)).toEqual(column(single));
});

it('leaks no tensor', async () => {
  const before = tf.memory().numTensors;
  tf.dispose(await sparcScores(cosines, members));
  expect(tf.memory().numTensors).toBe(before);
});

it('gives 0 where all scores are equal', () => {
  const same = { ...cosines, ensemble: tf.fill<tf.Rank.R2>([12, 3], 0.3) };
  expect(
    debias(same)
      .ensemble.dataSync()
      .every((entry) => entry === 0),
  ).toBe(true);
});

it('refuses what has no deviation', async () => {
  const cut = (scores: tf.Tensor2D, N: number, C: number) => tf.slice<tf.Rank.R2, tf.Tensor2D>(scores, [0, 0], [N, C]);
  const of = (N: number, C: number) => ({
    ensemble: cut(cosines.ensemble, N, C),
    simple: cut(cosines.simple, N, C),
    compound: cut(cosines.compound, N, 5),
  });
  await expect(sparcScores(of(1, 3), members)).rejects.toThrow('two images');
  await expect(sparcScores(of(12, 1), [[]])).rejects.toThrow('C ≥ 2');
  await expect(sparcScores(of(4, 3), members)).rejects.toThrow('more images');
  await expect(sparcScores(cosines, [[0], [1]])).rejects.toThrow('3 lists');
  for (const place of [5, -1, 0.5, Number.NaN]) {
    const message = `members[1][0] should be a whole number in [0, 4], got ${place}`;
    await expect(sparcScores(cosines, [[0], [place], []])).rejects.toThrow(message);
    expect(() => rankedScores(cosines.compound, [0, place], tf.ones([12]))).toThrow('places[1] should be');
  }
});

it('has the last entry positive where two columns go against each other', () => {
  const { direction } = principalDirection([1, -0.5, -0.5, 1], 2);
  expect(Array.from(direction, (entry) => Number(entry.toFixed(6)))).toEqual([-0.5, 0.5]);
  // A third column that goes with neither has no say.
  const third = principalDirection([1, -0.5, 0, -0.5, 1, 0, 0, 0, 0.1], 3);
  expect(Array.from(third.direction, (entry) => Number(entry.toFixed(6)) + 0)).toEqual([-0.5, 0.5, 0]);
});

it('finds plurals, longer names first, and takes no odd names', () => {
  const classes = ['dog', 'hot dog', 'person', 'bus'];
  const texts = ['A hot dog!', 'hot dogs and a dog', 'people on busses, buses', 'nothing'];
  expect(matchClasses(texts, classes)).toEqual([[1], [0, 1], [2, 3], []]);
  expect(() => matchClasses(texts, ['TV'])).toThrow('lower-case');
  // Classes of one name are named together.
  expect(matchClasses(texts, ['dog', 'hot dog', 'dog'])).toEqual([[1], [0, 1, 2], [], []]);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'refuses a covariance with %s, for which there is no direction',
  (bad) => {
    expect(() => principalDirection([1, bad, bad, 1], 2)).toThrow(
      expect.objectContaining({ name: 'DataError', message: expect.stringContaining('finite') }),
    );
  },
);
