import { preprocessings } from './preprocessing.ts';
import type { KnownWeights, ZooEncoder } from './zoo-encoder.ts';

const { augreg, deit } = preprocessings;

/** Widths of Dosovitskiy et al. 2021, table 1, and Touvron et al. 2021, table 1. */
const sizes = {
  tiny: { width: 192, depth: 12, heads: 3 },
  small: { width: 384, depth: 12, heads: 6 },
  base: { width: 768, depth: 12, heads: 12 },
  large: { width: 1024, depth: 24, heads: 16 },
} as const;

type SizeName = keyof typeof sizes;
type Given = Partial<Pick<ZooEncoder, 'aliases' | 'imageSize' | 'preprocessing' | 'weights'>>;

function vit(name: string, size: SizeName, patchSize: number, { aliases = [], weights = [], ...given }: Given) {
  return {
    name,
    aliases,
    network: { kind: 'vit', config: { ...sizes[size], patchSize } },
    encodings: ['patches', 'features'],
    width: sizes[size].width,
    imageSize: 224,
    hasPositions: true,
    preprocessing: augreg,
    layouts: ['timm ViT', 'torchvision ViT', 'Hugging Face ViT'],
    weights,
    ...given,
  } as const satisfies ZooEncoder;
}

function ofTimm(model: string, source: string, rest: Partial<KnownWeights> = {}): KnownWeights {
  return { hub: `timm/${model}`, licence: 'Apache-2.0', source, ...rest };
}

const google = 'Google on ImageNet-21k, then on ImageNet-1k';
const meta = 'Meta on ImageNet-1k';
const mae = { licence: 'CC-BY-NC-4.0', preprocessing: deit };

/** Plain vision transformers of Google, timm, torchvision and Meta's DeiT. */
export const transformerEncoders: readonly ZooEncoder[] = [
  vit('vit_tiny_patch16_224', 'tiny', 16, {
    aliases: ['vit-t16', 'deit_tiny_patch16_224', 'facebook/deit-tiny-patch16-224'],
    weights: [
      ofTimm('vit_tiny_patch16_224.augreg_in21k_ft_in1k', google),
      ofTimm('deit_tiny_patch16_224.fb_in1k', meta, { preprocessing: deit }),
    ],
  }),
  vit('vit_small_patch16_224', 'small', 16, {
    aliases: ['vit-s16', 'deit_small_patch16_224', 'facebook/deit-small-patch16-224', 'facebook/dino-vits16'],
    weights: [
      ofTimm('vit_small_patch16_224.augreg_in21k_ft_in1k', google),
      ofTimm('deit_small_patch16_224.fb_in1k', meta, { preprocessing: deit }),
      ofTimm('vit_small_patch16_224.dino', 'Meta without labels, DINO', { preprocessing: deit }),
    ],
  }),
  vit('vit_small_patch32_224', 'small', 32, {
    aliases: ['vit-s32'],
    weights: [ofTimm('vit_small_patch32_224.augreg_in21k_ft_in1k', google)],
  }),
  vit('vit_base_patch16_224', 'base', 16, {
    aliases: [
      ...['vit-b16', 'vit_b_16', 'google/vit-base-patch16-224', 'google/vit-base-patch16-224-in21k'],
      ...['deit_base_patch16_224', 'facebook/deit-base-patch16-224', 'facebook/vit-mae-base', 'facebook/dino-vitb16'],
    ],
    weights: [
      ofTimm('vit_base_patch16_224.augreg2_in21k_ft_in1k', `${google}, again by timm`),
      ofTimm('vit_base_patch16_224.augreg_in21k_ft_in1k', google),
      { hub: 'google/vit-base-patch16-224', licence: 'Apache-2.0', source: google },
      ofTimm('deit_base_patch16_224.fb_in1k', meta, { preprocessing: deit }),
      ofTimm('vit_base_patch16_224.mae', 'Meta without labels, MAE', mae),
      ofTimm('vit_base_patch16_224.dino', 'Meta without labels, DINO', { preprocessing: deit }),
    ],
  }),
  vit('vit_base_patch32_224', 'base', 32, {
    aliases: ['vit-b32', 'vit_b_32', 'google/vit-base-patch32-224-in21k'],
    weights: [ofTimm('vit_base_patch32_224.augreg_in21k_ft_in1k', google)],
  }),
  vit('vit_large_patch16_224', 'large', 16, {
    aliases: ['vit-l16', 'vit_l_16', 'google/vit-large-patch16-224', 'facebook/vit-mae-large'],
    weights: [
      ofTimm('vit_large_patch16_224.augreg_in21k_ft_in1k', google),
      ofTimm('vit_large_patch16_224.mae', 'Meta without labels, MAE', mae),
    ],
  }),
  vit('vit_large_patch32_224', 'large', 32, {
    aliases: ['vit-l32', 'vit_l_32', 'google/vit-large-patch32-224-in21k'],
    weights: [ofTimm('vit_large_patch32_224.orig_in21k', 'Google on ImageNet-21k')],
  }),
];
