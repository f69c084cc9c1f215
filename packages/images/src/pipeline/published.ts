import type { BoxRange } from '../random-box.ts';
import { type ChannelStatistics, clipStatistics, imagenetStatistics, unitStatistics } from '../statistics.ts';
import type { Pipeline, Step } from './pipeline.ts';

/** What training pictures and what test pictures go through. */
export interface PicturePipelines {
  readonly train: Pipeline;
  readonly test: Pipeline;
  /** How a contrastive method draws its views; as published if left out. */
  readonly views?: ViewPipelines | undefined;
}

/** Two views of a picture: random parts of it, whose colours then change. */
export interface ViewPipelines {
  readonly boxes: BoxRange;
  readonly query: Pipeline;
  readonly key: Pipeline;
}

/** CLIP's own test pipeline: shorter side, bicubic, the middle, CLIP's statistics. */
export function clipPipeline(size: number = 224): Pipeline {
  return middle(size, size, 'bicubic', clipStatistics);
}

/** CPRFL: both sides, bilinear, levels 0 … 1; its released code normalises no further and mirrors nothing. */
export function cprflPipelines(size: number = 448): PicturePipelines {
  const resize: Step = { name: 'resize', height: size, width: size, filter: 'bilinear' };
  const toInput: Step = { name: 'normalize', ...unitStatistics };
  return {
    train: [resize, { name: 'cutout', share: 0.5 }, { name: 'randAugment', count: 2, probability: 0.5 }, toInput],
    test: [resize, toInput],
  };
}

/** SARB: both sides, bicubic, ImageNet's statistics; in training a square of 4/7 to 8/7 of the size, and mirrored. */
export function sarbPipelines(size: number = 448): PicturePipelines {
  const side = (sevenths: number): number => Math.round((size * sevenths) / 7);
  const to = (length: number): Step => ({ name: 'resize', height: length, width: length, filter: 'bicubic' });
  const toInput: Step = { name: 'normalize', ...imagenetStatistics };
  return {
    train: [
      to(side(8)),
      { name: 'randomSquareCrop', sides: [8, 7, 6, 5, 4].map(side) },
      to(size),
      { name: 'horizontalFlip' },
      toInput,
    ],
    test: [to(size), toInput],
  };
}

/**
 * MKT: in training a random part, bicubic, mirrored, timm's RandAugment; in the test shorter side size / 0.875 (just `size`
 * above 224), bicubic, the middle. ImageNet's statistics, for CLIP's teacher too.
 */
export function mktPipelines(size: number = 224): PicturePipelines {
  return {
    train: [
      { name: 'randomResizedCrop', size, scale: [0.08, 1], ratio: [3 / 4, 4 / 3], filter: 'bicubic' },
      { name: 'horizontalFlip' },
      { name: 'timmRandAugment', count: 2, magnitude: 9, deviation: 0.5, probability: 0.5 },
      { name: 'normalize', ...imagenetStatistics },
    ],
    test: middle(size > 224 ? size : Math.trunc(size / 0.875), size, 'bicubic', imagenetStatistics),
  };
}

/**
 * The Distribution-Balanced loss: OpenCV's bilinear resize of both sides, ImageNet's statistics, padded to a multiple of 32.
 * In training in floats, with changed colours, a random part and mirrored.
 *
 * Source: the released code of Wu et al. (ECCV 2020), which takes it from mmdetection.
 */
export function distributionBalancedPipelines(size: number = 224): PicturePipelines {
  const resize: Step = { name: 'resize', height: size, width: size, like: 'opencv' };
  const toInput: Step = { name: 'normalize', ...imagenetStatistics };
  const pad: Step = { name: 'padToMultiple', multiple: 32 };
  return {
    train: [
      { name: 'toFloat' },
      { name: 'photometricDistortion', brightness: 32, contrast: [0.5, 1.5], saturation: [0.5, 1.5], hue: 18 },
      { name: 'randomCrop', keep: 0.8 },
      resize,
      toInput,
      { name: 'horizontalFlip' },
      pad,
    ],
    test: [resize, toInput, pad],
  };
}

/** Colours of DSCL's query view and of its patches: jitter with hue in four of five, grey in one of five, every second blurred. */
export const queryColours: Pipeline = [
  { name: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, probability: 0.8 },
  { name: 'randomGrayscale', probability: 0.2 },
  { name: 'gaussianBlur', sigma: [0.1, 2], probability: 0.5 },
];

/** Colours of DSCL's key view: jitter without hue in every picture. */
export const keyColours: Pipeline = [{ name: 'colorJitter', brightness: 0.4, contrast: 0.4, saturation: 0.4 }];

/**
 * DSCL's second stage: a random part with the colours of the query view, mirrored; in the test shorter side size · 256 / 224,
 * bilinear, the middle. ImageNet's statistics. With 224 its test pipeline is that of torchvision's first weights too.
 */
export function dsclPipelines(size: number = 224): PicturePipelines {
  return {
    train: [
      { name: 'randomResizedCrop', size, scale: [0.08, 1], ratio: [3 / 4, 4 / 3] },
      ...queryColours,
      { name: 'horizontalFlip' },
      { name: 'normalize', ...imagenetStatistics },
    ],
    test: middle(Math.trunc((size * 256) / 224), size, 'bilinear', imagenetStatistics),
  };
}

/** The pipelines of the papers at the sizes of their papers. */
export const publishedPipelines: {
  readonly [paper in 'cprfl' | 'sarb' | 'mkt' | 'distributionBalanced' | 'dscl']: PicturePipelines;
} = {
  cprfl: cprflPipelines(),
  sarb: sarbPipelines(),
  mkt: mktPipelines(),
  distributionBalanced: distributionBalancedPipelines(),
  dscl: dsclPipelines(),
};

function middle(
  shorterSide: number,
  size: number,
  filter: 'bilinear' | 'bicubic',
  statistics: ChannelStatistics,
): Pipeline {
  return [
    { name: 'resize', shorterSide, filter },
    { name: 'centerCrop', size },
    { name: 'normalize', ...statistics },
  ];
}
