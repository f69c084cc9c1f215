import { resnetTinyStatistics } from '../resnet-tiny.ts';
import { tinyClipText } from '../text/tiny-clip.ts';
import type { ZooEncoder } from './zoo-encoder.ts';

const common = {
  aliases: [],
  imageSize: 64,
  hasPositions: false,
  preprocessing: { filter: 'bilinear', cropShare: null, statistics: resnetTinyStatistics },
  layouts: [],
  weights: [],
} as const;

/** The networks whose weights are part of this package. */
export const tinyEncoders: readonly ZooEncoder[] = [
  {
    name: 'resnet-tiny',
    network: { kind: 'resnet-tiny' },
    encodings: ['featureMap', 'features'],
    width: 96,
    ...common,
  },
  {
    name: 'tiny-clip',
    network: { kind: 'tiny-clip' },
    encodings: ['patches', 'features'],
    width: 64,
    text: tinyClipText,
    ...common,
  },
];
