import { preprocessings } from './preprocessing.ts';
import type { KnownWeights, ZooEncoder, ZooNetwork } from './zoo-encoder.ts';

const { clip, augreg } = preprocessings;

const resnetLayouts = ['OpenAI CLIP', 'OpenAI CLIP image'];
const vitLayouts = [...resnetLayouts, 'Hugging Face CLIP', 'timm CLIP ViT', 'MKT image'];

type Given = Pick<ZooEncoder, 'name' | 'aliases' | 'weights'> & Partial<ZooEncoder>;
type ImageTower = Extract<ZooNetwork, { kind: 'clip-vit' | 'clip-resnet' }>;

/** @param text W, width of the text tower; its heads have 64 features each */
function both(network: ImageTower, text: number, given: Given): ZooEncoder {
  const { embedding } = network.config;
  const quickGelu = network.kind === 'clip-resnet' || network.config.quickGelu !== false;
  return {
    network,
    encodings: network.kind === 'clip-vit' ? ['patches', 'features'] : ['featureMap', 'patches', 'features'],
    width: embedding,
    ...(network.kind === 'clip-resnet' && { mapWidth: 32 * network.config.width }),
    imageSize: 224,
    hasPositions: true,
    preprocessing: clip,
    text: {
      vocabularySize: 49_408,
      contextLength: 77,
      width: text,
      layers: 12,
      heads: text / 64,
      embedding,
      quickGelu,
    },
    layouts: network.kind === 'clip-vit' ? vitLayouts : resnetLayouts,
    ...given,
  };
}

const base = (patchSize: number, quickGelu: boolean): ImageTower => ({
  kind: 'clip-vit',
  config: { patchSize, width: 768, layers: 12, heads: 12, embedding: 512, quickGelu },
});
const large = (quickGelu: boolean): ImageTower => ({
  kind: 'clip-vit',
  config: { patchSize: 14, width: 1024, layers: 24, heads: 16, embedding: 768, quickGelu },
});
const resnet = (blocks: readonly number[], embedding: number): ImageTower => ({
  kind: 'clip-resnet',
  config: { width: 64, blocks, heads: 32, embedding },
});

const file = 'open_clip_model.safetensors';
const openai = (model: string): KnownWeights => ({
  hub: `timm/${model}.openai`,
  file,
  licence: model.startsWith('resnet') ? 'MIT' : 'Apache-2.0',
  source: 'OpenAI on 400 million pictures with texts',
});
const laion = (model: string, rest: Partial<KnownWeights> = {}): KnownWeights => ({
  hub: `laion/CLIP-${model}`,
  file,
  licence: 'MIT',
  source: 'LAION on two billion pictures with English texts',
  ...rest,
});

/**
 * OpenAI's CLIP, which uses quick GELU, and open_clip's, which uses the exact GELU. Shapes do not show the difference.
 */
export const clipEncoders: readonly ZooEncoder[] = [
  both(resnet([3, 4, 6, 3], 1024), 512, {
    name: 'clip_rn50',
    aliases: ['RN50', 'RN50-quickgelu', 'clip-rn50', 'resnet50_clip'],
    weights: [openai('resnet50_clip')],
  }),
  both(resnet([3, 4, 23, 3], 512), 512, {
    name: 'clip_rn101',
    aliases: ['RN101', 'RN101-quickgelu', 'clip-rn101', 'resnet101_clip'],
    weights: [openai('resnet101_clip')],
  }),
  both(base(32, true), 512, {
    name: 'clip_vit_b32',
    aliases: [
      'ViT-B/32',
      'ViT-B-32-quickgelu',
      'clip-vit-b32',
      'openai/clip-vit-base-patch32',
      'vit_base_patch32_clip_quickgelu_224',
    ],
    weights: [openai('vit_base_patch32_clip_224')],
  }),
  both(base(16, true), 512, {
    name: 'clip_vit_b16',
    aliases: [
      'ViT-B/16',
      'ViT-B-16-quickgelu',
      'clip-vit-b16',
      'openai/clip-vit-base-patch16',
      'vit_base_patch16_clip_quickgelu_224',
    ],
    weights: [openai('vit_base_patch16_clip_224')],
  }),
  both(large(true), 768, {
    name: 'clip_vit_l14',
    aliases: [
      'ViT-L/14',
      'ViT-L-14-quickgelu',
      'clip-vit-l14',
      'openai/clip-vit-large-patch14',
      'vit_large_patch14_clip_quickgelu_224',
    ],
    weights: [openai('vit_large_patch14_clip_224')],
  }),
  both(base(32, false), 512, {
    name: 'openclip_vit_b32',
    aliases: ['ViT-B-32', 'openclip-vit-b32', 'vit_base_patch32_clip_224'],
    weights: [laion('ViT-B-32-laion2B-s34B-b79K')],
  }),
  both(base(16, false), 512, {
    name: 'openclip_vit_b16',
    aliases: ['ViT-B-16', 'openclip-vit-b16', 'vit_base_patch16_clip_224'],
    weights: [laion('ViT-B-16-laion2B-s34B-b88K')],
  }),
  both(large(false), 768, {
    name: 'openclip_vit_l14',
    aliases: ['ViT-L-14', 'openclip-vit-l14', 'vit_large_patch14_clip_224'],
    preprocessing: { ...clip, statistics: augreg.statistics },
    weights: [laion('ViT-L-14-laion2B-s32B-b82K')],
  }),
];
