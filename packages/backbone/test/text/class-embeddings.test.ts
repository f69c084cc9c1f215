import { OptionError, RandomStream } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  ClipTextTransformer,
  ClipTokenizer,
  embedClasses,
  ensembleTemplates,
  fillTemplate,
  tokenizerFromMerges,
} from '../../src/index.ts';

const tokenizer = new ClipTokenizer(tokenizerFromMerges(['c a', 'ca t</w>']), { contextLength: 40 });
const tower = new ClipTextTransformer(
  { vocabularySize: tokenizer.vocabulary.size, contextLength: 40, width: 8, heads: 1, layers: 1, embedding: 4 },
  new RandomStream(1),
).eval();
const names = ['cat', 'traffic_light', 'cow'];

/** The whole context, one prompt at a time. */
function encode(prompt: string): number[] {
  const { shape, ids } = tokenizer.tokenize([prompt]);
  return tf.tidy(() => Array.from(tower.forward(tf.tensor2d(ids, [...shape], 'int32')).dataSync()));
}

function unit(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function mean(vectors: number[][]): number[] {
  return vectors[0].map((_, i) => vectors.reduce((sum, vector) => sum + vector[i], 0) / vectors.length);
}

test('an embedding is the normalised mean of the normalised embeddings of a class in all templates', async () => {
  const templates = ensembleTemplates;
  const { shape, data } = await embedClasses(names, { tokenizer, tower, templates });
  expect(shape).toEqual([3, 4]);
  const expected = names.flatMap((name) => unit(mean(templates.map((t) => unit(encode(fillTemplate(t, name)))))));
  expectClose(data as Float32Array, expected);
});

test('without normalising it is the plain mean; CPRFL takes the embedding of one prompt as it is', async () => {
  const { data } = await embedClasses(names, { tokenizer, tower, normalize: false });
  expectClose(
    data as Float32Array,
    names.flatMap((name) => encode(`a photo of a ${name.replace('_', ' ')}.`)),
  );
});

test('batches do not matter, and nothing leaks', async () => {
  const before = tf.memory().numTensors;
  const whole = await embedClasses(names, { tokenizer, tower });
  const single = await embedClasses(names, { tokenizer, tower, batchSize: 1 });
  expectClose(single.data as Float32Array, whole.data as Float32Array);
  expect(tf.memory().numTensors).toBe(before);
});

test('no names, no templates and templates without a place for the name are refused', async () => {
  const refused = expect.toSatisfy(OptionError.is);
  await expect(embedClasses([], { tokenizer, tower })).rejects.toThrow(refused);
  await expect(embedClasses(names, { tokenizer, tower, templates: [] })).rejects.toThrow(refused);
  await expect(embedClasses(names, { tokenizer, tower, templates: ['a photo'] })).rejects.toThrow(refused);
});

test('a name may hold what a replacement would take for a pattern', () => {
  expect(fillTemplate('a {}.', '$& $1')).toBe('a $& $1.');
});
