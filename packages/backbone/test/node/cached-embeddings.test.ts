import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClipTextTransformer, ClipTokenizer, tokenizerFromMerges } from '../../src/index.ts';
import { embedClassesCached } from '../../src/node/index.ts';

const tokenizer = new ClipTokenizer(tokenizerFromMerges([]), { contextLength: 30 });
const create = (seed: number, heads = 1): ClipTextTransformer =>
  new ClipTextTransformer(
    { vocabularySize: tokenizer.vocabulary.size, contextLength: 30, width: 8, heads, layers: 1, embedding: 4 },
    new RandomStream(seed),
  ).eval();
const names = ['cat', 'dog'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-embeddings-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the second time nothing is encoded, and the values are the same', async () => {
  const tower = create(1);
  const encode = vi.spyOn(tower, 'forward');
  const first = await embedClassesCached(names, { tokenizer, tower, folder });
  const calls = encode.mock.calls.length;
  expect(calls).toBeGreaterThan(0);
  expect(await embedClassesCached(names, { tokenizer, tower, folder })).toEqual(first);
  expect(encode).toHaveBeenCalledTimes(calls);
  expect(readdirSync(folder)).toHaveLength(1);
  tower.dispose();
});

test('names, templates, normalising, weights and heads each make another file', async () => {
  const tower = create(1);
  const base = { tokenizer, tower, folder };
  await embedClassesCached(names, base);
  await embedClassesCached(['cat', 'cow'], base);
  await embedClassesCached(names, { ...base, templates: ['{}'] });
  await embedClassesCached(names, { ...base, normalize: false });
  await embedClassesCached(names, { ...base, tower: create(2) });
  await embedClassesCached(names, { ...base, tower: create(1, 2) });
  expect(readdirSync(folder)).toHaveLength(6);
  tower.dispose();
});

test('a broken file is computed anew', async () => {
  const tower = create(1);
  const first = await embedClassesCached(names, { tokenizer, tower, folder });
  const [file] = readdirSync(folder);
  writeFileSync(join(folder, file), 'broken');
  const before = tf.memory().numTensors;
  expect(await embedClassesCached(names, { tokenizer, tower, folder })).toEqual(first);
  expect(tf.memory().numTensors).toBe(before);
  tower.dispose();
});
