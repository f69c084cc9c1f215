import type { ChannelStatistics, Preprocessing } from './preprocess.ts';

/** Of networks trained on ImageNet: 255 times (0.485, 0.456, 0.406) and (0.229, 0.224, 0.225). */
export const imagenetStatistics: ChannelStatistics = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
};

/** Of OpenAI's CLIP. */
export const clipStatistics: ChannelStatistics = {
  mean: [255 * 0.48145466, 255 * 0.4578275, 255 * 0.40821073],
  std: [255 * 0.26862954, 255 * 0.26130258, 255 * 0.27577711],
};

/** Of the vision transformers that timm calls `augreg` and `orig`: levels become −1 … 1. */
export const halfStatistics: ChannelStatistics = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };

/** Levels become 0 … 1. */
const unitStatistics: ChannelStatistics = { mean: [0, 0, 0], std: [255, 255, 255] };

/** CLIP: shorter side, bicubic, the middle, CLIP's statistics. */
export function clipPreprocessing(size: number = 224): Preprocessing {
  return { resize: size, filter: 'bicubic', crop: size, statistics: clipStatistics };
}

/** MKT: shorter side size / 0.875 (just `size` above 224), bicubic, the middle, ImageNet's statistics, CLIP's teacher too. */
export function mktPreprocessing(size: number = 224): Preprocessing {
  const resize = size > 224 ? size : Math.trunc(size / 0.875);
  return { resize, filter: 'bicubic', crop: size, statistics: imagenetStatistics };
}

/** SARB: both sides, bicubic, ImageNet's statistics. */
export function sarbPreprocessing(size: number = 448): Preprocessing {
  return { resize: { height: size, width: size }, filter: 'bicubic', statistics: imagenetStatistics };
}

/** CPRFL: both sides, bilinear, levels 0 … 1; its released code normalises no further. */
export function cprflPreprocessing(size: number = 448): Preprocessing {
  return { resize: { height: size, width: size }, filter: 'bilinear', statistics: unitStatistics };
}

/** DSCL: shorter side size · 256 / 224, bilinear, the middle, ImageNet's statistics. With 224, torchvision's first weights too. */
export function dsclPreprocessing(size: number = 224): Preprocessing {
  return {
    resize: Math.trunc((size * 256) / 224),
    filter: 'bilinear',
    crop: size,
    statistics: imagenetStatistics,
  };
}
