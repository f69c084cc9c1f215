import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type HostTensor, type Module, readSafetensors } from '@ltml/tensor';
import { expectClose } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  encoderByName,
  inspectWeights,
  loadClipImage,
  loadEncoder,
  loadResNet,
  loadVisionTransformer,
  type WeightSource,
} from '../../src/index.ts';
import { withWeights } from '../../src/node/index.ts';

const python = process.env.LTML_PYTHON ?? 'python3';
const libraries = 'import open_clip, safetensors, timm, torchvision, transformers';

/** Why there are no files; undefined if there may be. */
function whyNot(): string | undefined {
  const { error, status, stderr } = spawnSync(python, ['-c', libraries], { encoding: 'utf8' });
  if (error) return `no ${python}`;
  return status === 0 ? undefined : (stderr.trim().split('\n').at(-1) ?? 'libraries are missing');
}

const reason = whyNot();

interface Encoder extends Module {
  forward(images: tf.Tensor): { readonly features: tf.Tensor2D };
}

// Networks of two heads, which are none of the literature's: a configuration beside the file says so, or the option.
const vit = (source: WeightSource): Promise<Encoder> => loadVisionTransformer(source, { heads: 2 });
const byName =
  (name: string, imageSize?: number) =>
  (source: WeightSource): Promise<Encoder> =>
    loadEncoder(encoderByName(name).encoder, source, imageSize === undefined ? {} : { imageSize });
const byConfiguration = (source: WeightSource): Promise<Encoder> => loadVisionTransformer(source);
const files: readonly (readonly [file: string, load: (source: WeightSource) => Promise<Encoder>, network: RegExp])[] = [
  ['torchvision-resnet18', byName('resnet18'), /^ResNet-18 of basic blocks/],
  ['torchvision-resnet26', (source) => loadResNet(source), /^ResNet-26, blocks 2-2-2-2/],
  ['torchvision-resnext14', (source) => loadResNet(source), /^ResNeXt-14 32×4d/],
  ['lightning-resnet18', byName('resnet18'), /^ResNet-18 of basic blocks/],
  ['compiled-resnet18d', byName('resnet18d'), /^ResNet-18-D of basic blocks/],
  ['huggingface-resnet', (source) => loadResNet(source), /of basic blocks, blocks 2-1, 16 channels/],
  ['torchvision-vit', vit, /^ViT, width 32, 2 layers/],
  ['timm-vit', vit, /^ViT, width 32, 2 layers/],
  ['timm-vit-tiny', byName('vit_tiny_patch16_224', 32), /^ViT, width 192, 12 layers, 3 heads/],
  ['timm-clip', (source) => loadClipImage(source, { heads: 2 }), /^CLIP ViT, width 32, 2 layers/],
  ['timm-gap', vit, /no class token/],
  ['timm-dinov2', vit, /LayerScale/],
  ['timm-registers', (source) => loadVisionTransformer(source, { heads: 2, imageSize: 32 }), /4 registers, LayerScale/],
  ['timm-distilled', vit, /a distillation token/],
  ['huggingface-vit', byConfiguration, /2 heads/],
  ['huggingface-deit', byConfiguration, /2 heads.*a distillation token/],
  ['huggingface-dinov2', byConfiguration, /2 heads.*LayerScale/],
  ['huggingface-registers', byConfiguration, /2 heads.*4 registers, LayerScale/],
  ['huggingface-clip', (source) => loadClipImage(source), /^CLIP ViT, .*; text tower, width 32/],
  ['open_clip', (source) => loadClipImage(source), /^CLIP ViT, .*; text tower, width 64/],
];

const title = `weights that Python wrote${reason ? ` (skipped: ${reason})` : ''}`;
describe.skipIf(reason)(title, { timeout: 300_000 }, () => {
  let folder: string;
  let results: ReadonlyMap<string, HostTensor>;
  const path = (name: string): string => join(folder, name, 'model.safetensors');

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ltml-written-'));
    const script = fileURLToPath(new URL('write-weights.py', import.meta.url));
    const { status, stderr } = spawnSync(python, [script, folder], {
      encoding: 'utf8',
      env: { ...process.env, HF_HUB_OFFLINE: '1' },
    });
    if (status !== 0) throw new Error(stderr);
    results = readSafetensors(readFileSync(join(folder, 'results.safetensors'))).tensors;
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(files)('%s gives the same features', async (name, load, network) => {
    const { data: pixels } = results.get('image') as HostTensor;
    const { shape, data } = results.get(name) as HostTensor;
    const loaded = await withWeights(path(name), (file) => {
      expect(inspectWeights(file).network).toMatch(network);
      return load(file);
    });
    const features = tf.tidy(() => {
      const images = tf.transpose(tf.tensor(pixels as Float32Array, [2, 3, 32, 32]), [0, 2, 3, 1]);
      return loaded.forward(images).features;
    });
    expect(features.shape).toEqual(shape);
    const largest = (data as Float32Array).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    expectClose(await features.data(), data as Float32Array, { absolute: 1e-4 * largest });
    loaded.dispose();
    features.dispose();
  });

  it.each([
    ['convnext', 'a ConvNeXt'],
    ['timm-convnext', 'a ConvNeXt'],
    ['swin', 'a Swin transformer'],
  ])('%s is refused by what it is, with what is known', async (name, network) => {
    const known = 'Supported are ResNets, ResNeXts, vision transformers and CLIP';
    const refused = await withWeights(path(name), (file) => inspectWeights(file).reason);
    expect(refused).toContain(`got those of ${network}`);
    expect(refused).toContain(known);
  });
});
