import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClipTokenizer, embedClasses, loadClipText } from '@ltml/backbone';
import { withWeights } from '@ltml/backbone/node';
import { digitsLt } from '@ltml/data';
import { writeSafetensors } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveExperiment } from '../src/config/experiment.ts';
import { parseConfig } from '../src/config/source.ts';
import { classEmbeddings } from '../src/parts/class-embeddings.ts';

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function ltml(...args: string[]) {
  const env = { ...process.env, LTML_BACKEND: 'wasm' };
  return spawnSync(process.execPath, ['--import', tsx, bin, ...args], { encoding: 'utf8', env, cwd: folder });
}

describe('class embeddings by name', () => {
  const create = (config: Parameters<typeof classEmbeddings.create>[0]) =>
    classEmbeddings.create(config, ['a cat', 'dog']);
  const rows = { dtype: 'F32' as const, shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

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
      /\[2, E\], a row for each class, got a file with one, two/,
    );
    await expect(create({ name: 'safetensors', path, tensor: 'two' })).rejects.toThrow(/got F32 \[3, 2\]/);
    const bad = { ...rows, data: Float32Array.of(1, 2, 3, Number.NaN, 5, 6) };
    writeFileSync(path, writeSafetensors(new Map([['text', bad]])));
    await expect(create({ name: 'safetensors', path })).rejects.toThrow(/numbers \[2, E\]/);
  });
});

describe('a configuration of cprfl', () => {
  it('has its own loss and tiny-clip unless it says otherwise', () => {
    const resolve = (text: string) => resolveExperiment(parseConfig(text, 'run.yaml'));
    expect(resolve('method: { name: cprfl, preset: voc-lt/db-focal }')).toMatchObject({
      loss: null,
      method: { classEmbeddings: { name: 'tiny-clip' }, options: { loss: 'db-focal/voc', width: 2048 } },
    });
    expect(resolve('method: { name: cprfl }\nloss: { name: ranking }').loss).toMatchObject({ name: 'ranking' });
    expect(() => resolve('method: { name: cprfl, classEmbeddings: { name: word-vectors } }')).toThrow(/path/);
    expect(() => resolve('loss: { name: focal }\nmethod: { classEmbeddings: { name: tiny-clip } }')).toThrow(
      /unknown "classEmbeddings"/,
    );
  });
});

describe('a run of cprfl', () => {
  it('trains, predicts, and draws where the classes look', async () => {
    const { test } = await digitsLt();
    const raw = { width: test.images.width, height: test.images.height, channels: 3 } as const;
    mkdirSync(join(folder, 'scenes'));
    await sharp(Buffer.from(await test.images.read(0)), { raw }).toFile(join(folder, 'scenes', 'first.png'));
    writeFileSync(
      join(folder, 'cprfl.yaml'),
      `name: small
cachedViews: 0
batchSize: 250
loss: { name: distribution-balanced, preset: vocMlt/DB-Focal }
method:
  name: cprfl
  options: { width: 8, vsi: { heads: 2, headWidth: 4, hiddenWidth: 8 }, epochs: 1, scheduleEpochs: 1 }
`,
    );
    const trained = ltml('train', 'cprfl.yaml');
    expect(trained.status, trained.stderr).toBe(0);
    const predicted = ltml('predict', 'runs/small', 'scenes', '--top', '2', '--explain', 'maps', '--json');
    expect(predicted.status, predicted.stderr).toBe(0);
    const { scores } = JSON.parse(predicted.stdout) as { scores: { class: string }[] };
    const names = scores.map(({ class: name }) => `first.${name.replace(' ', '-')}.png`);
    expect(readdirSync(join(folder, 'maps')).sort()).toEqual(names.sort());
    const { width, height } = await sharp(join(folder, 'maps', names[0])).metadata();
    expect([width, height]).toEqual([256, 256]);
  }, 300_000);
});
