import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataError, exportState, type HostTensor, OptionError, RandomStream, writeSafetensors } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect, test } from 'vitest';
import {
  ClipTextTransformer,
  ClipVisionTransformer,
  inspectWeights,
  loadClipImage,
  loadClipText,
  loadVisionTransformer,
  planWeights,
  readArchitecture,
  tensorSource,
  VisionTransformer,
  type WeightSource,
} from '../src/index.ts';
import { withWeights } from '../src/node/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'ltml-heads-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Shapes without numbers: all that an architecture is read from. */
function shapesOnly(shapes: Record<string, readonly number[]>, config?: unknown): WeightSource {
  return { names: Object.keys(shapes), config, shape: (name) => shapes[name], read: () => Promise.reject(new Error()) };
}

function timm(width: number, depth: number, config?: unknown): WeightSource {
  const blocks = Array.from({ length: depth }, (_, i) => [`blocks.${i}.attn.qkv.weight`, [3 * width, width]]);
  return shapesOnly(
    {
      cls_token: [1, 1, width],
      pos_embed: [1, 257, width],
      'patch_embed.proj.weight': [width, 3, 14, 14],
      ...Object.fromEntries(blocks),
    },
    config,
  );
}

function clip(width: number, layers: number, config?: unknown): WeightSource {
  const name = (i: number): string => `visual.transformer.resblocks.${i}.attn.in_proj_weight`;
  return shapesOnly(
    {
      'visual.class_embedding': [width],
      'visual.positional_embedding': [257, width],
      'visual.conv1.weight': [width, 3, 14, 14],
      'visual.proj': [width, 640],
      ...Object.fromEntries(Array.from({ length: layers }, (_, i) => [name(i), [3 * width, width]])),
    },
    config,
  );
}

function text(width: number, layers: number, config?: unknown): WeightSource {
  const name = (i: number): string => `transformer.resblocks.${i}.attn.in_proj_weight`;
  return shapesOnly(
    {
      'token_embedding.weight': [49_408, width],
      positional_embedding: [77, width],
      text_projection: [width, 512],
      ...Object.fromEntries(Array.from({ length: layers }, (_, i) => [name(i), [3 * width, width]])),
    },
    config,
  );
}

const read = (source: WeightSource): Record<string, unknown> => {
  const architecture = readArchitecture(planWeights(source));
  return 'config' in architecture ? { ...architecture.config } : {};
};

test.each([
  ['ViT-Ti', timm(192, 12), 3],
  ['ViT-S', timm(384, 12), 6],
  ['ViT-B', timm(768, 12), 12],
  ['ViT-L', timm(1024, 24), 16],
  ['ViT-H', timm(1280, 32), 16],
  ['ViT-g', timm(1408, 40), 16],
  ['ViT-G', timm(1664, 48), 16],
  ['CLIP ViT-B', clip(768, 12), 12],
  ['CLIP ViT-H', clip(1280, 32), 16],
  ['CLIP ViT-bigG', clip(1664, 48), 16],
  ['text of ViT-B', text(512, 12), 8],
  ['text of RN50x64', text(1024, 12), 16],
  ['text of ViT-H', text(1024, 24), 16],
  ['text of ViT-bigG', text(1280, 32), 20],
])('%s has the heads of its paper', (_, source, heads) => {
  expect(read(source).heads).toBe(heads);
  expect(inspectWeights(source).network).toContain(`${heads} heads`);
});

test.each([
  [timm(1280, 1), loadVisionTransformer],
  [timm(320, 12), loadVisionTransformer],
  [clip(1280, 12), loadClipImage],
  [text(640, 6), loadClipText],
])('heads of others are asked for, with those that are possible (%#)', async (source, load) => {
  expect(read(source).heads).toBeUndefined();
  expect(inspectWeights(source).network).toContain('heads unknown');
  const refused = await load(source).catch((error: unknown) => error);
  expect(refused).toSatisfy(DataError.is);
  expect(String(refused)).toMatch(/options\.heads should be given, .*Possible are .*10.*num_attention_heads/);
});

test.each([
  ['Hugging Face', timm(320, 12, { hidden_size: 320, num_attention_heads: 4 })],
  ['timm', timm(320, 12, { architecture: 'vit', model_args: { embed_dim: 320, num_heads: 4 } })],
  ['Hugging Face CLIP', clip(320, 12, { vision_config: { num_attention_heads: 4 } })],
  ['Hugging Face CLIP text', text(320, 12, { text_config: { hidden_size: 320, num_attention_heads: 4 } })],
  ['open_clip', clip(320, 12, { model_cfg: { vision_cfg: { layers: 12, width: 320, head_width: 80 } } })],
  ['open_clip text', text(320, 12, { model_cfg: { text_cfg: { width: 320, heads: 4, layers: 12 } } })],
])('the configuration of %s tells the heads', (_, source) => {
  expect(read(source).heads).toBe(4);
});

test('a configuration goes before the published network, and tells the activation of CLIP', () => {
  const config = { vision_config: { hidden_size: 768, num_attention_heads: 6, hidden_act: 'gelu' } };
  expect(read(clip(768, 12, config))).toMatchObject({ heads: 6, quickGelu: false });
  const openClip = { model_cfg: { vision_cfg: { width: 768, layers: 12 }, text_cfg: {} } };
  expect(read(clip(768, 12, openClip))).toMatchObject({ heads: 12, quickGelu: false });
  expect(read(clip(768, 12)).quickGelu).toBeUndefined();
});

test.each([
  [{ hidden_size: 384, num_attention_heads: 6 }, /width 768.*384/],
  [{ num_attention_heads: 7 }, /share the width 768.*7 heads/],
  [{ hidden_act: 'relu' }, /activation gelu or quick_gelu/],
])("another network's configuration is refused: %j", (config, message) => {
  const refused = (): unknown => read(timm(768, 12, config));
  expect(refused).toThrow(message);
  expect(refused).toThrow(expect.toSatisfy(DataError.is));
});

test.each([null, 3, 'x', [], { num_attention_heads: '4' }, { vision_config: null }])(
  'other JSON tells nothing: %j',
  (config) => expect(read(timm(768, 12, config)).heads).toBe(12),
);

test('with the heads that are told a network gives its own features, and with others it would not', async () => {
  const config = { imageSize: 8, patchSize: 4, width: 64, depth: 1 };
  const network = new VisionTransformer({ ...config, heads: 4 }, new RandomStream(1));
  // Tables and weights large enough that attention is not nearly uniform.
  const state = new Map(
    [...(await exportState(network))].map(([name, tensor]): [string, HostTensor] => [
      name,
      { ...tensor, data: (tensor.data as Float32Array).map((value) => 8 * value) },
    ]),
  );
  const images = tf.randomNormal([1, 8, 8, 3], 0, 1, 'float32', 3);
  const features = async (source: WeightSource, options = {}): Promise<Float32Array> => {
    const loaded = await loadVisionTransformer(source, options);
    const data = tf.tidy(() => loaded.forward(images).features.dataSync<'float32'>());
    loaded.dispose();
    return data;
  };
  const right = await features(tensorSource(state), { heads: 4 });
  expect(await features(tensorSource(state, { num_attention_heads: 4 }))).toEqual(right);
  const other = await features(tensorSource(state), { heads: 1 });
  expect(Math.max(...other.map((value, i) => Math.abs(value - right[i])))).toBeGreaterThan(1e-3);

  const path = join(folder, 'model.safetensors');
  writeFileSync(path, writeSafetensors(state));
  await expect(withWeights(path, (file) => features(file))).rejects.toThrow('options.heads');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ hidden_size: 64, num_attention_heads: 4 }));
  expect(await withWeights(path, (file) => features(file))).toEqual(right);
  writeFileSync(join(folder, 'config.json'), '{');
  await expect(withWeights(path, (file) => features(file))).rejects.toThrow(/config\.json should be JSON/);
  rmSync(join(folder, 'config.json'));
  const metadata = { config: JSON.stringify({ num_attention_heads: 4 }) };
  writeFileSync(path, writeSafetensors(state, { metadata }));
  expect(await withWeights(path, (file) => features(file))).toEqual(right);
  tf.dispose(images);
  network.dispose();
});

test('the shipped tiny CLIP tells the heads of its text tower', async () => {
  const weights = new URL('../weights/tiny-clip.safetensors', import.meta.url).pathname;
  const network = await withWeights(weights, (file) => inspectWeights(file).network);
  expect(network).toMatch(/text tower, width 64, 2 layers, 4 heads, .*; an image tower that is none of OpenAI's/);
});

test.each([0, -1, 1.5, Number.NaN, 3, '4'])('heads %s are refused', (heads) => {
  const common = { width: 64, heads: heads as number };
  for (const create of [
    () => new VisionTransformer({ ...common, imageSize: 8, patchSize: 4, depth: 1 }),
    () => new ClipVisionTransformer({ ...common, imageSize: 8, patchSize: 4, layers: 1, embedding: 4 }),
    () => new ClipTextTransformer({ ...common, vocabularySize: 9, contextLength: 4, layers: 1, embedding: 4 }),
  ]) {
    expect(create).toThrow(expect.toSatisfy(OptionError.is));
  }
});
