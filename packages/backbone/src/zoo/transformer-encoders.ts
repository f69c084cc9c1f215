import { preprocessings } from './preprocessing.ts';
import type { KnownWeights, ZooEncoder, ZooNetwork } from './zoo-encoder.ts';

const { augreg, deit, dino } = preprocessings;

/** The sizes of Dosovitskiy et al. 2021, table 1, and Touvron et al. 2021, table 1. */
const sizes = {
  tiny: { width: 192, depth: 12, heads: 3 },
  small: { width: 384, depth: 12, heads: 6 },
  base: { width: 768, depth: 12, heads: 12 },
  large: { width: 1024, depth: 24, heads: 16 },
} as const;

type SizeName = keyof typeof sizes;
type Config = Extract<ZooNetwork, { kind: 'vit' }>['config'];
type Given = Partial<Pick<ZooEncoder, 'aliases' | 'imageSize' | 'preprocessing' | 'layouts' | 'weights'>> & {
  /** The differences from the plain network of its size. */
  readonly config?: Partial<Config>;
};

function vit(name: string, size: SizeName, patchSize: number, given: Given): ZooEncoder {
  const { aliases = [], weights = [], config, ...others } = given;
  return {
    name,
    aliases,
    network: { kind: 'vit', config: { ...sizes[size], patchSize, ...config } },
    encodings: ['patches', 'features'],
    width: sizes[size].width,
    imageSize: 224,
    hasPositions: true,
    preprocessing: augreg,
    layouts: ['timm ViT', 'torchvision ViT', 'Hugging Face ViT'],
    weights,
    ...others,
  };
}

function ofTimm(model: string, source: string, rest: Partial<KnownWeights> = {}): KnownWeights {
  return { hub: `timm/${model}`, licence: 'Apache-2.0', source, ...rest };
}

const google = 'Google on ImageNet-21k, then on ImageNet-1k';
const meta = 'Meta on ImageNet-1k';

const ofDeit = (size: 'tiny' | 'small' | 'base'): KnownWeights =>
  ofTimm(`deit_${size}_patch16_224.fb_in1k`, meta, {
    aliases: [`deit_${size}_patch16_224`, `facebook/deit-${size}-patch16-224`],
    preprocessing: deit,
  });
const ofMae = (size: 'base' | 'large'): KnownWeights =>
  ofTimm(`vit_${size}_patch16_224.mae`, 'Meta without labels, MAE', {
    aliases: [`facebook/vit-mae-${size}`],
    licence: 'CC-BY-NC-4.0',
    preprocessing: deit,
  });
const ofDino = (size: 'small' | 'base'): KnownWeights =>
  ofTimm(`vit_${size}_patch16_224.dino`, 'Meta without labels, DINO', {
    aliases: [`facebook/dino-vit${size[0]}16`],
    preprocessing: deit,
  });

const dinov2Layouts = ['timm ViT', 'Hugging Face DINOv2'];

/** Meta's DINOv2, trained without labels; its image size is 518 pixels, though most of its training used 224. */
function dinov2(size: 'small' | 'base' | 'large', registers: 0 | 4): ZooEncoder {
  const name = `vit_${size}_patch14_${registers > 0 ? 'reg4_' : ''}dinov2`;
  const short = `dinov2_vit${size[0]}14`;
  return vit(name, size, 14, {
    aliases:
      registers > 0 ? [`${short}_reg`, `facebook/dinov2-with-registers-${size}`] : [short, `facebook/dinov2-${size}`],
    imageSize: 518,
    preprocessing: dino,
    config: { layerScale: true, ...(registers > 0 && { registers }) },
    layouts: dinov2Layouts,
    weights: [ofTimm(`${name}.lvd142m`, 'Meta without labels, DINOv2 on 142 million pictures')],
  });
}

/** Meta's DeiT, trained with a convolutional network as teacher. */
function distilled(size: 'tiny' | 'small' | 'base'): ZooEncoder {
  const name = `deit_${size}_distilled_patch16_224`;
  return vit(name, size, 16, {
    aliases: [`facebook/deit-${size}-distilled-patch16-224`],
    preprocessing: deit,
    config: { distilled: true },
    layouts: ['timm ViT', 'Hugging Face ViT'],
    weights: [ofTimm(`${name}.fb_in1k`, `${meta}, distilled`)],
  });
}

/** Vision transformers of Google, timm, torchvision and Meta. */
export const transformerEncoders: readonly ZooEncoder[] = [
  vit('vit_tiny_patch16_224', 'tiny', 16, {
    aliases: ['vit-t16'],
    weights: [ofTimm('vit_tiny_patch16_224.augreg_in21k_ft_in1k', google), ofDeit('tiny')],
  }),
  vit('vit_small_patch16_224', 'small', 16, {
    aliases: ['vit-s16'],
    weights: [ofTimm('vit_small_patch16_224.augreg_in21k_ft_in1k', google), ofDeit('small'), ofDino('small')],
  }),
  vit('vit_small_patch32_224', 'small', 32, {
    aliases: ['vit-s32'],
    weights: [ofTimm('vit_small_patch32_224.augreg_in21k_ft_in1k', google)],
  }),
  vit('vit_base_patch16_224', 'base', 16, {
    aliases: ['vit-b16', 'vit_b_16'],
    weights: [
      ofTimm('vit_base_patch16_224.augreg2_in21k_ft_in1k', `${google}, again by timm`),
      ofTimm('vit_base_patch16_224.augreg_in21k_ft_in1k', google),
      { hub: 'google/vit-base-patch16-224', licence: 'Apache-2.0', source: google },
      { hub: 'google/vit-base-patch16-224-in21k', licence: 'Apache-2.0', source: 'Google on ImageNet-21k' },
      ofDeit('base'),
      ofMae('base'),
      ofDino('base'),
    ],
  }),
  vit('vit_base_patch32_224', 'base', 32, {
    aliases: ['vit-b32', 'vit_b_32', 'google/vit-base-patch32-224-in21k'],
    weights: [ofTimm('vit_base_patch32_224.augreg_in21k_ft_in1k', google)],
  }),
  vit('vit_large_patch16_224', 'large', 16, {
    aliases: ['vit-l16', 'vit_l_16', 'google/vit-large-patch16-224'],
    weights: [ofTimm('vit_large_patch16_224.augreg_in21k_ft_in1k', google), ofMae('large')],
  }),
  vit('vit_large_patch32_224', 'large', 32, {
    aliases: ['vit-l32', 'vit_l_32', 'google/vit-large-patch32-224-in21k'],
    weights: [ofTimm('vit_large_patch32_224.orig_in21k', 'Google on ImageNet-21k')],
  }),
  vit('vit_base_patch16_gap_224', 'base', 16, {
    aliases: ['vit-b16-gap'],
    config: { classToken: false },
    layouts: ['timm ViT'],
  }),
  distilled('tiny'),
  distilled('small'),
  distilled('base'),
  ...(['small', 'base', 'large'] as const).flatMap((size) => [dinov2(size, 0), dinov2(size, 4)]),
];
