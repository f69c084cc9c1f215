import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClipTokenizer, embedClasses, loadClipText } from '@ltml/backbone';
import { withWeights } from '@ltml/backbone/node';
import { writeSafetensors } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddingFiles } from '../src/node/embedding-files.ts';
import { classEmbeddings } from '../src/parts/class-embeddings.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('class embeddings by name', () => {
  const create = (config: Parameters<typeof classEmbeddings.create>[0]) =>
    classEmbeddings.create(config, { classes: ['a cat', 'dog'], files: embeddingFiles });
  const rows = { dtype: 'F32' as const, shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

  it('are drawn for each class, or for each word, the same in every list', async () => {
    const of = async (name: string, ...classes: string[]) => {
      const tensor = await classEmbeddings.create({ name, width: 3, seed: 0 }, { classes, files: embeddingFiles });
      const rows = tensor.arraySync();
      tensor.dispose();
      return rows;
    };
    const [redOne, blueOne, redTwo] = await of('random-words', 'red one', 'blue one', 'red two');
    expect(await of('random-words', 'red two', 'red one')).toEqual([redTwo, redOne]);
    const [red, one, two] = await of('random-words', 'red', 'one', 'two');
    for (const [i, value] of redOne.entries()) expect(value).toBeCloseTo((red[i] + one[i]) / 2, 6);
    for (const [i, value] of redTwo.entries()) expect(value).toBeCloseTo((red[i] + two[i]) / 2, 6);
    expect(blueOne).not.toEqual(redOne);
    const [first, second] = await of('random', 'red one', 'blue one');
    expect(await of('random', 'blue one')).toEqual([second]);
    expect(first).not.toEqual(redOne);
  });

  it('come from word vectors, and from a tensor of a file', async () => {
    writeFileSync(join(folder, 'glove.txt'), 'a 0 0\ncat 2 4\ndog 1 1\n');
    const words = await create({ name: 'word-vectors', path: join(folder, 'glove.txt') });
    expect(words.arraySync()).toEqual([
      [1, 2],
      [1, 1],
    ]);
    writeFileSync(join(folder, 'rows.safetensors'), writeSafetensors(new Map([['text', rows]])));
    const stored = await create({ name: 'safetensors', path: join(folder, 'rows.safetensors') });
    expect(Array.from(stored.dataSync())).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('come from the text tower of any CLIP, as they are, in the template that is asked for', async () => {
    const [weights, tokenizer] = ['tiny-clip.safetensors', 'tiny-clip-tokenizer.json'].map((name) =>
      fileURLToPath(new URL(`../../backbone/weights/${name}`, import.meta.url)),
    );
    const before = tf.memory().numTensors;
    const rows = await create({ name: 'clip', weights, tokenizer });
    const other = await create({ name: 'clip', weights, tokenizer, template: 'a photo of a {}' });
    const tower = await withWeights(weights, (file) => loadClipText(file));
    const read = new ClipTokenizer(readFileSync(tokenizer, 'utf8'), { contextLength: 20 });
    const { data } = await embedClasses(['a cat', 'dog'], { tokenizer: read, tower, normalize: false });
    tower.dispose();
    expect([...(await rows.data())]).toEqual([...data]);
    expect(await other.data()).not.toEqual(await rows.data());
    for (const each of [rows, other]) each.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await expect(create({ name: 'clip', weights: tokenizer, tokenizer })).rejects.toThrow(/header of at most/);
  });

  it('refuse files that do not fit', async () => {
    const path = join(folder, 'two.safetensors');
    writeFileSync(
      path,
      writeSafetensors(
        new Map([
          ['one', rows],
          ['two', { ...rows, shape: [3, 2] }],
        ]),
      ),
    );
    await expect(create({ name: 'safetensors', path })).rejects.toThrow(
      /\[2, E\], one row per class, got a file with one, two/,
    );
    await expect(create({ name: 'safetensors', path, tensor: 'two' })).rejects.toThrow(/got F32 \[3, 2\]/);
    const bad = { ...rows, data: Float32Array.of(1, 2, 3, Number.NaN, 5, 6) };
    writeFileSync(path, writeSafetensors(new Map([['text', bad]])));
    await expect(create({ name: 'safetensors', path })).rejects.toThrow(/numbers \[2, E\]/);
  });
});
