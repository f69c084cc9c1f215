import { clipStatistics } from '../statistics.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * CLIP's own test pipeline: resize the shorter side with a bicubic filter, crop the middle, normalise with CLIP's
 * statistics.
 */
export function clipPipeline(size: number = 224): Pipeline {
  return [
    { name: 'resize', shorterSide: size, filter: 'bicubic' },
    { name: 'centerCrop', size },
    { name: 'normalize', ...clipStatistics },
  ];
}
