import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { embedClasses } from '@ltml/backbone';
import { resolvePipeline } from '@ltml/images';
import { decodeImage } from '@ltml/images/node';
import { combineStreams, type ImageEmbeddings, labelStreams } from '@ltml/mkt';
import { openClip } from '@ltml/recipes/node';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { cacheSmallClip, cacheTokenizer } from '../../recipes/test/small-clip.ts';
import { main } from '../src/program.ts';

const photo = fileURLToPath(new URL('../../../examples/photos/scene-000.png', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ltml-predict-clip-'));
  vi.stubEnv('HF_HUB_CACHE', folder);
  await cacheSmallClip(folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function predict(...args: string[]) {
  const out = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  const err = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
  const text = (spy: typeof out) => spy.mock.calls.map(([part]) => String(part)).join('');
  const code = await main(['predict', photo, '--labels', 'a red bus, sunset', ...args]);
  const result = { code, stdout: text(out), stderr: text(err) };
  vi.restoreAllMocks();
  return result;
}

it('ranks free labels by a CLIP of the zoo, whose tokenizer the cache has too', async () => {
  const missing = await predict('--encoder', 'small_clip');
  expect(missing.stderr).toMatch(/ltml weights pull openai\/clip-vit-base-patch32 --file tokenizer\.json/);
  expect(missing.code).toBe(1);
  await cacheTokenizer(folder, 'openai/clip-vit-base-patch32');
  const { code, stdout, stderr } = await predict('--encoder', 'small_clip', '--json');
  // Only tiny-clip knows no bus.
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const scores = JSON.parse(stdout).scores as { class: string; score: number }[];

  const clip = await openClip({ name: 'small_clip' });
  const names = ['a red bus', 'sunset'];
  const { textTower: tower, tokenizer } = clip;
  const { data } = await embedClasses(names, { tower, tokenizer, templates: ['There is a {} in the scene'] });
  const { pixels } = resolvePipeline(clip.pipeline)(await decodeImage(photo, { mode: 'upright' }));
  const expected = tf.tidy(() => {
    const image = clip.network.forward(tf.tensor(pixels, [1, 32, 32, 3])) as ImageEmbeddings;
    const texts = tf.tensor2d(data as Float32Array, [2, 6]);
    // 18 of 196 patches are 1 of 16.
    return [...combineStreams(labelStreams(image, texts, { topK: 1 })).dataSync()];
  });
  clip.dispose();
  expectClose(
    names.map((name) => scores.find((entry) => entry.class === name)?.score as number),
    expected,
    { absolute: 1e-5 },
  );
});

it.each([
  [['--encoder', 'clip_vit_b33'], /--encoder: .*Did you mean clip_vit_b32/, 2],
  [
    ['--encoder', 'vit_tiny_patch16_224'],
    /--encoder: vit_tiny_patch16_224 can't read texts; take a CLIP, e\.g\. clip_vit_b16/,
    2,
  ],
  [['--encoder', 'clip_vit_b16'], /"ltml weights pull timm\/vit_base_patch16_clip_224\.openai"/, 1],
] as const)('%j is refused in a sentence', async (args, message, exitCode) => {
  const { code, stderr } = await predict(...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(exitCode);
});
