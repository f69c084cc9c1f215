import { clipEncoders } from './clip-encoders.ts';
import { residualEncoders } from './residual-encoders.ts';
import { tinyEncoders } from './tiny-encoders.ts';
import { transformerEncoders } from './transformer-encoders.ts';
import type { ZooEncoder } from './zoo-encoder.ts';

/** All encoders that have a name. */
export const zoo: readonly ZooEncoder[] = [
  ...tinyEncoders,
  ...residualEncoders,
  ...transformerEncoders,
  ...clipEncoders,
];
