import type { Batch } from '@ltml/tensor/contract';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { attentionQuadrants, chooseQuadrants, quadrantPrototypes, type SarbConfig } from '../src/index.ts';
import { expectNoLeak } from './support.ts';
import { setup, smallConfig } from './synthetic.ts';

/** Attention [1, C, H·W] that looks at one place for each class. */
function lookingAt(places: readonly number[], size: number): tf.Tensor3D {
  const values = places.flatMap((place) => Array.from({ length: size }, (_, l) => Number(l === place)));
  return tf.tensor3d(values, [1, places.length, size]);
}

describe('quadrants of a map', () => {
  it('are those of the place that is looked at most', () => {
    const corners = attentionQuadrants(lookingAt([0, 3, 12, 15], 16), [4, 4]);
    expect([...corners.dataSync()]).toEqual([0, 1, 2, 3]);
    // The middle row and column of an odd number belong to the top and the left.
    const odd = attentionQuadrants(lookingAt([4, 5, 7, 8], 9), [3, 3]);
    expect([...odd.dataSync()]).toEqual([0, 1, 2, 3]);
    const flat = attentionQuadrants(lookingAt([0, 1, 2], 3), [1, 3]);
    expect([...flat.dataSync()]).toEqual([0, 0, 1]);
    expect(attentionQuadrants(tf.zeros([0, 2, 4]), [2, 2]).shape).toEqual([0, 2]);
    expect(() => attentionQuadrants(tf.zeros([1, 2, 4]), [2, 3])).toThrow(/attentionQuadrants: attention/);
  });

  const prototypes = tf.tensor3d(
    Array.from({ length: 8 }, (_, at) => at),
    [2, 4, 1],
  );
  const choice = {
    noise: tf.tensor2d([0.9, 0.1, 0.9, 0.1], [2, 2]),
    draw: tf.tensor1d([0, 0.99]),
    prototypes,
    counts: tf.tensor2d([1, 1, 1, 1, 1, 0, 1, 1], [2, 4]),
    own: tf.tensor2d([0, 0, 3, 3], [2, 2], 'int32'),
  };

  it('are never the own one, nor one without a prototype', () => {
    const { chosen, prototypes: taken } = chooseQuadrants(tf.zeros([2, 2]), choice);
    expect([...chosen.dataSync()]).toEqual([1, 0, 1, 0]);
    // Of class 0 the first image may take 1, 2 and 3, the second 0, 1 and 2.
    expect([...taken.dataSync()]).toEqual([1, 2]);
    const known = tf.tensor2d([1, 0, 1, 0], [2, 2]);
    const second = chooseQuadrants(known, choice);
    expect([...second.chosen.dataSync()]).toEqual([0, 1, 0, 1]);
    // Of class 1 there is none of quadrant 1: 2 and 3, and 0 and 2.
    expect([...second.prototypes.dataSync()]).toEqual([6, 6]);
  });

  it('each come up as often as the others', () => {
    const B = 300;
    const draw = tf.tensor1d(Array.from({ length: B }, (_, b) => (b + 0.5) / B));
    const own = tf.fill<tf.Rank.R2>([B, 2], 1, 'int32');
    const taken = chooseQuadrants(tf.zeros([B, 2]), {
      ...choice,
      noise: tf.tile(tf.tensor2d([[0.9, 0.1]]), [B, 1]),
      draw,
      own,
    });
    const counts = new Map<number, number>();
    for (const value of taken.prototypes.dataSync()) counts.set(value, (counts.get(value) ?? 0) + 1);
    expect(Object.fromEntries(counts)).toEqual({ 0: 100, 2: 100, 3: 100 });
  });

  it('are not chosen where there is none to choose', () => {
    const alone = tf.tensor2d([1, 0, 0, 0, 0, 0, 0, 0], [2, 4]);
    const { chosen } = chooseQuadrants(tf.zeros([2, 2]), { ...choice, counts: alone });
    // The first image is looked at in the only quadrant that has a prototype.
    expect([...chosen.dataSync()]).toEqual([0, 0, 1, 0]);
    expect(
      chooseQuadrants(tf.ones([2, 2]), choice)
        .chosen.dataSync()
        .some(Boolean),
    ).toBe(false);
    const none = chooseQuadrants(tf.zeros([0, 2]), {
      ...choice,
      noise: tf.zeros([0, 2]),
      draw: tf.zeros([0]),
      own: tf.zeros([0, 2], 'int32'),
    });
    expect(none.chosen.shape).toEqual([0, 2]);
  });

  it.each([
    ['draw', tf.tensor1d([0, -1])],
    ['noise', tf.fill([2, 2], Number.NaN)],
    ['counts', tf.fill([2, 4], -1)],
    ['own', tf.fill([2, 2], 4, 'int32')],
    ['own', tf.zeros([2, 3], 'int32')],
  ])('are not chosen by a bad %s', (name, bad) => {
    expect(() => chooseQuadrants(tf.zeros([2, 2]), { ...choice, [name]: bad } as never)).toThrow(`choice.${name}`);
  });
});

describe('prototypes of quadrants', () => {
  const given = (): Batch[] => [
    {
      inputs: tf.tensor2d([1, 2, 3], [3, 1]),
      labels: tf.tensor2d([1, 0, 1, 1, 1, 1], [3, 2]),
      known: tf.tensor2d([1, 0, 1, 1, 1, 0], [3, 2]),
    },
  ];
  /** The number of the image as feature, and in quadrant 2 for class 0 but for the last image. */
  const encode = (inputs: tf.Tensor) => ({
    features: tf.tile(tf.expandDims(inputs, 1), [1, 2, 1]) as tf.Tensor3D,
    own: tf.tensor2d([2, 0, 2, 3, 1, 0], [3, 2], 'int32'),
  });

  it('are means of known positives, by class and quadrant', async () => {
    const { prototypes, counts, features } = await quadrantPrototypes(given(), encode, { classes: 2, samples: 100 });
    expect(features).toBe(1);
    expectClose(prototypes, [0, 3, 1.5, 0, 0, 0, 0, 2]);
    expect([...counts]).toEqual([0, 1, 2, 0, 0, 0, 0, 1]);
  });

  it('are of the first samples, if there are more', async () => {
    const { prototypes, counts } = await quadrantPrototypes(given(), encode, { classes: 2, samples: 1 });
    expect([prototypes[2], counts[2]]).toEqual([1, 1]);
  });

  it('of no batch are none, and leak nothing', async () => {
    expect((await quadrantPrototypes([], encode, { classes: 2, samples: 1 })).features).toBe(0);
    await expectNoLeak(async () => {
      await quadrantPrototypes(given(), encode, { classes: 2, samples: 1 });
      return [];
    });
    const wrong = quadrantPrototypes([], encode, { classes: 2, samples: 0 });
    await expect(wrong).rejects.toThrow('quadrantPrototypes: options.samples');
  });
});

it('take the place of clusters, not a place beside them', () => {
  const both = { prototypes: { count: 2 }, quadrants: {} };
  expect(() => setup(smallConfig({ blending: both }) as SarbConfig)).toThrow(
    /null, because blending\.quadrants is set/,
  );
});
