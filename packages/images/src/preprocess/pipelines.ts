import { clipStatistics, imagenetStatistics, unitStatistics } from '../statistics.ts';
import type { Preprocessing } from './preprocess.ts';

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
