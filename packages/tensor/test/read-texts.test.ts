import { inTemplate, Module, OptionError, readTexts, type TextReader } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';

/** A tower whose embedding of a text is the sum of its ids, and their number with what is behind the end. */
class Sums extends Module {
  readonly batches: number[][] = [];
  embedTokens(ids: tf.Tensor): tf.Tensor3D {
    return tf.expandDims(tf.cast(ids, 'float32'), 2) as tf.Tensor3D;
  }
  forwardEmbedded(embedded: tf.Tensor3D, ids: tf.Tensor): { embedding: tf.Tensor2D } {
    this.batches.push(ids.shape);
    const lengths = tf.fill([ids.shape[0], 1], ids.shape[1] as number);
    return { embedding: tf.concat([tf.sum(embedded, 1), lengths], 1) as tf.Tensor2D };
  }
}

/** A token for each letter, by its place in the alphabet. */
const tokenizer = {
  contextLength: 6,
  startId: 100,
  endId: 200,
  encode: (text: string) => Array.from(text, (letter) => letter.charCodeAt(0) - 96),
};

it('reads texts with start and end, some at once', () => {
  const textTower = new Sums();
  const reader: TextReader = { textTower, tokenizer };
  const before = tf.memory().numTensors;
  const some = readTexts('test', ['a', 'bc'], reader);
  expect(some.arraySync()).toEqual([
    [301, 4],
    [305, 4],
  ]);
  const many = readTexts('test', new Array<string>(70).fill('a'), reader);
  expect(many.arraySync()).toEqual(new Array(70).fill([301, 3]));
  expect(textTower.batches).toEqual([
    [2, 4],
    [32, 3],
    [32, 3],
    [6, 3],
  ]);
  tf.dispose([some, many]);
  expect(tf.memory().numTensors).toBe(before);
});

it('refuses no texts, and one that is too long', () => {
  const reader: TextReader = { textTower: new Sums(), tokenizer };
  expect(() => readTexts('Ram', [], reader)).toThrow(OptionError);
  expect(() => readTexts('Ram', [], reader)).toThrow(/Ram: names should be at least one, got none/);
  expect(() => readTexts('Ram', ['abcd', 'abcde'], reader)).toThrow(
    /Ram: names should be texts of at most 6 tokens with start and end, got 7 tokens in "abcde"/,
  );
});

it('puts names into templates', () => {
  expect(inTemplate('a photo of a {}, {}', 'fire_engine $&')).toBe('a photo of a fire engine $&, fire engine $&');
});
