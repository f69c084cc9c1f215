import {
  type ChannelStatistics,
  clipStatistics,
  halfStatistics,
  imagenetStatistics,
  type Pipeline,
  unitStatistics,
} from '@ltml/images';
import { z } from 'zod';

/** Random changes of training pictures, in this order; see the steps of `@ltml/images`. */
export interface Augmentation {
  readonly flip: boolean;
  /** Pixels. */
  readonly shift: number;
  /** A box of one colour, its sides by those of the picture. */
  readonly cutout: { readonly share: number } | null;
  readonly randAugment: { readonly count: number; readonly probability: number } | null;
  /** In 0 … 255. */
  readonly brightness: number;
  readonly contrast: number;
}

const fraction = z.number().min(0).max(1);

/** Defaults of `cutout` and `randAugment` are those of CPRFL's code. */
export const augmentationSchema: z.ZodType<Augmentation> = z.strictObject({
  flip: z.boolean().default(false),
  shift: z.int().nonnegative().default(4),
  cutout: z
    .strictObject({ share: fraction.default(0.5) })
    .nullable()
    .default(null),
  randAugment: z
    .strictObject({ count: z.int().nonnegative().default(2), probability: fraction.default(0.5) })
    .nullable()
    .default(null),
  brightness: z.number().nonnegative().default(20),
  contrast: z.number().min(0).lt(1).default(0.2),
});

export function augmentationSteps(options: Augmentation): Pipeline {
  const { flip, shift, brightness, contrast } = options;
  return [
    ...(flip ? [{ name: 'horizontalFlip' } as const] : []),
    { name: 'padAndShift', padding: shift },
    ...(options.cutout ? [{ name: 'cutout', ...options.cutout } as const] : []),
    ...(options.randAugment ? [{ name: 'randAugment', ...options.randAugment } as const] : []),
    { name: 'jitter', brightness, contrast },
  ];
}

/**
 * What pictures are normalised by: what the backbone was trained with; ImageNet's statistics, as SARB, MKT and DSCL do; CLIP's;
 * −1 … 1 (`half`); or 0 … 1 alone (`none`), as CPRFL's code does.
 */
export const normalizations = ['backbone', 'imagenet', 'clip', 'half', 'none'] as const;

export type Normalization = (typeof normalizations)[number];

export function statisticsOf(normalization: Normalization, ofBackbone: ChannelStatistics): ChannelStatistics {
  const choices: Readonly<Record<Normalization, ChannelStatistics>> = {
    backbone: ofBackbone,
    imagenet: imagenetStatistics,
    clip: clipStatistics,
    half: halfStatistics,
    none: unitStatistics,
  };
  return choices[normalization];
}
