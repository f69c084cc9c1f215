import { classPrompts, LearnedContext, placeNames, promptIds } from '@ltml/coop';
import { RandomStream, ShapeError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { LetterTower, tokenizer, width } from './support.ts';

const tower = new LetterTower();
const a = 'a'.charCodeAt(0);
const stop = '.'.charCodeAt(0);

it('writes start, places of the context, name, full stop and end, as long as the longest', () => {
  const prompts = classPrompts(['a', 'a_a '], { tokenizer, contextLength: 2 });
  expect(prompts.shape).toEqual([2, 8]);
  const [one, two] = promptIds(prompts).arraySync();
  expect(one).toEqual([1, 0, 0, a, stop, 127, 0, 0]);
  expect(two).toEqual([1, 0, 0, a, 32, a, stop, 127]);
  expect(Array.from(prompts.nameLengths)).toEqual([1, 3]);
});

it('says which name is empty or too long', () => {
  expect(() => classPrompts([], { tokenizer })).toThrow('classes should be at least one');
  expect(() => classPrompts(['a', '_'], { tokenizer })).toThrow('"_" at index 1');
  expect(() => classPrompts(['a', 'aaaaaaaa'], { tokenizer })).toThrow('27 for "aaaaaaaa". A shorter context');
});

it('puts the context into its places, one for all or one for each, and leaves the rest', () => {
  const ids = promptIds(classPrompts(['a', 'aa'], { tokenizer, contextLength: 2 }));
  for (const classes of [undefined, 2]) {
    const context = new LearnedContext({ length: 2, width, ...(classes && { classes }), random: new RandomStream(1) });
    const embedded = context.embed(tower, ids);
    const own = tf.slice(embedded, [1, 1, 0], [1, 2, width]).dataSync();
    const vectors = context.vectors.variable.dataSync();
    expect(own).toEqual(classes ? vectors.slice(2 * width) : vectors);
    const plain = tower.embedTokens(ids);
    for (const [from, count] of [
      [0, 1],
      [3, ids.shape[1] - 3],
    ]) {
      const rest = [embedded, plain].map((x) => tf.slice(x, [0, from, 0], [2, count, width]).dataSync());
      expect(rest[0]).toEqual(rest[1]);
    }
    if (classes) {
      const chosen = context.embed(tower, tf.gather(ids, [1]), tf.tensor1d([1], 'int32'));
      expect(chosen.dataSync()).toEqual(tf.slice(embedded, [1, 0, 0], [1, -1, -1]).dataSync());
      expect(() => context.embed(tower, tf.gather(ids, [1]))).toThrow(ShapeError);
    }
    context.dispose();
  }
});

it('begins with the words of a phrase', () => {
  const context = new LearnedContext({ length: 2, width, classes: 3, random: new RandomStream(1) });
  context.startFrom('aa', tower, tokenizer);
  const word = tower.embedTokens(tf.tensor2d([[a]], undefined, 'int32')).dataSync();
  expect(Array.from(context.vectors.variable.dataSync())).toEqual(Array.from({ length: 6 }, () => [...word]).flat());
  expect(() => context.startFrom('aaa', tower, tokenizer)).toThrow('a phrase of 2 tokens, got 3');
});

it('moves names before their context or into it, all of a name or its first token', () => {
  const prompts = classPrompts(['ab', 'c'], { tokenizer, contextLength: 3 });
  // The number of a token in place of its embedding: 0 start, 1 to 3 context, 4 on name.
  const numbers = tf.tile(tf.reshape(tf.range(0, prompts.shape[1]), [1, -1, 1]), [2, 1, 1]) as tf.Tensor3D;
  const order = (position: 'end' | 'front' | 'middle', length: 'all' | 'first') =>
    tf.squeeze(placeNames(numbers, prompts, position, length), [2]).arraySync() as number[][];
  expect(order('end', 'all')[0]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(order('front', 'all')).toEqual([
    [0, 4, 5, 1, 2, 3, 6, 7],
    [0, 4, 1, 2, 3, 5, 6, 7],
  ]);
  expect(order('middle', 'all')[0]).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
  expect(order('middle', 'first')[0]).toEqual([0, 1, 4, 2, 3, 5, 6, 7]);
});
