import { clipStatistics } from '../statistics.ts';
import type { Pipeline } from './pipeline.ts';

/** CLIP's own test pipeline: shorter side, bicubic, the middle, CLIP's statistics. */
export function clipPipeline(size: number = 224): Pipeline {
  return [
    { name: 'resize', shorterSide: size, filter: 'bicubic' },
    { name: 'centerCrop', size },
    { name: 'normalize', ...clipStatistics },
  ];
}
