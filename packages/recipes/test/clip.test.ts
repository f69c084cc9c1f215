import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embedClasses } from '@ltml/backbone';
import { exportState } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { build, describeModel, loadModel, openClip, writeModel } from '../src/node/index.ts';
import { embedClasses as embeddingsOf } from '../src/node/learner-sources.ts';
import { loadTexts } from '../src/node/load-texts.ts';
import { resolveText } from './resolve-text.ts';
import { cacheFolderOf, cacheSmallClip, cacheTokenizer } from './small-clip.ts';

let folder: string;
let hub: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-clip-'));
  hub = join(folder, 'hub');
  vi.stubEnv('HF_HUB_CACHE', hub);
  await cacheSmallClip(hub);
  await cacheTokenizer(hub, 'me/small-clip');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const mkt = (clip: string, encoder = '{ name: resnet-tiny }') => `
data: { name: digits-lt, validation: null }
encoder: ${encoder}
pictures: { size: 32 }
method:
  name: mkt
  options: { topK: 3, distil: { epochs: 1, schedule: { warmup: null } }, prompt: { epochs: 1 } }
${clip === '' ? '' : `  clip: ${clip}`}
batchSize: 64
steps: 2`;

function labelScores(learner: Learner, images: tf.Tensor, labels: readonly string[]): number[][] {
  const scorer = learner.labelScorer!(labels);
  const scores = tf.tidy(() => scorer.predict(images).arraySync());
  scorer.dispose();
  return scores;
}

describe('a CLIP that a recipe names', () => {
  it('teaches and reads labels, and goes into the bundle', async () => {
    const before = tf.memory().numTensors;
    const built = await build(await resolveText(mkt('{ name: small_clip }')));
    const { textTower } = await built.clip.texts();
    expect(textTower.featureCount).toBe(6);
    const { data } = (await exportState(textTower)).get('text_projection') as { data: Float32Array };
    built.learner.eval();
    const bundle = join(folder, 'mkt');
    await writeModel(bundle, built, await describeModel(built), { kind: 'last', step: 0 });
    const images = tf.randomNormal([2, 32, 32, 3]);
    const labels = ['red one', 'a green seven'];
    const expected = labelScores(built.learner, images, labels);
    built.dispose();
    const description = JSON.parse(readFileSync(join(bundle, 'model.json'), 'utf8'));
    expect(description.text).toEqual({ tower: 'small_clip', tokenizer: 'tokenizer.json' });
    expect(description.recipe.method.clip).toEqual({ name: 'small_clip' });
    // The bundle has the texts itself: the cache may go.
    vi.stubEnv('HF_HUB_CACHE', join(folder, 'nowhere'));
    const model = await loadModel(bundle);
    vi.stubEnv('HF_HUB_CACHE', hub);
    expect(model.readsLabels).toBe(true);
    expect(labelScores(model.learner, images, labels)).toEqual(expected);
    model.dispose();
    images.dispose();
    expect(data).toHaveLength(16 * 6);
    expect(tf.memory().numTensors).toBe(before);
  }, 60_000);

  it('is the encoder itself, where that is one', async () => {
    const recipe = `
data: { name: digits-lt, validation: null }
encoder: { name: small_clip, weights: none }
pictures: { size: 32 }
features: { views: 0 }
method: { name: sparc }`;
    await cacheTokenizer(hub, 'openai/clip-vit-base-patch32');
    const built = await build(await resolveText(recipe));
    expect(built.recipe.method.clip).toEqual({ name: 'small_clip', weights: 'none' });
    built.dispose();
  });

  it.each([
    ['', '{ name: resnet18, weights: none }', /<method\.clip>: .*should name the CLIP that reads texts/],
    ['{ name: resnet18 }', undefined, /method\.clip\.name: should be a CLIP, since texts must be read/],
    ['{ name: clip_rn50 }', undefined, /<method\.clip>: .*"ltml weights pull timm\/resnet50_clip\.openai"/],
    ['{ name: small_clip, weights: gone.safetensors }', undefined, /<method\.clip>: .*gone.*got no such file/],
    ['{ name: small_clip, tokenizer: gone.json }', undefined, /<method\.clip>: .*gone\.json .*got no such file/],
  ])('is refused in its place: %s beside %s', async (clip, encoder, message) => {
    const before = tf.memory().numTensors;
    const locate = (path: readonly PropertyKey[]) => `<${path.join('.')}>`;
    const made = async () => build(await resolveText(mkt(clip, encoder)), { locate });
    await expect(made()).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('without a tokenizer is refused with the command that fetches one', async () => {
    rmSync(join(cacheFolderOf(hub, 'openai/clip-vit-base-patch32'), 'tokenizer.json'), { force: true });
    await expect(loadTexts({ name: 'small_clip', weights: 'none' }, 1)).rejects.toThrow(
      /tokenizer\.json in the cache of the hub.*"ltml weights pull openai\/clip-vit-base-patch32 --file tokenizer\.json"/,
    );
    const tokenizer = join(folder, 'large.json');
    const file = JSON.parse(readFileSync(join(cacheFolderOf(hub, 'me/small-clip'), 'tokenizer.json'), 'utf8'));
    for (let i = 0; i < 9; i++) file.added_tokens.push({ content: `<|more${i}|>`, id: 597 + i });
    writeFileSync(tokenizer, JSON.stringify(file));
    await expect(loadTexts({ name: 'small_clip', weights: 'none', tokenizer }, 1)).rejects.toThrow(
      /large\.json should be a tokenizer of at most 600 tokens, which small_clip has, got 606/,
    );
  });

  it('embeds class names as its text tower does', async () => {
    const classEmbeddings = { name: 'clip', encoder: 'small_clip', template: 'one {}' };
    const rows = await embeddingsOf({ classEmbeddings }, ['red', 'green six']);
    const clip = await openClip({ name: 'small_clip' });
    const { textTower: tower, tokenizer } = clip;
    const options = { tower, tokenizer, normalize: false, templates: ['one {}'] };
    const { data } = await embedClasses(['red', 'green six'], options);
    expect([...rows.dataSync()]).toEqual([...data]);
    expect(clip.imageSize).toEqual([32, 32]);
    clip.dispose();
    rows.dispose();
  });
});
