import { resnetTiny, resnetTinyStatistics } from '@ltml/backbone';
import { loadResnetTiny, loadTinyClip } from '@ltml/backbone/node';
import type { ChannelStatistics } from '@ltml/images';
import type { RandomStream } from '@ltml/tensor';
import type { Encoder } from '@ltml/tensor/contract';
import { z } from 'zod';
import { type PartKind, part, partKind } from './part.ts';

/** An encoder and what it expects of pictures. */
export interface LoadedEncoder {
  readonly network: Encoder;
  /** D, features of an image. */
  readonly features: number;
  readonly statistics: ChannelStatistics;
}

/** Encoders by name; the stream draws the weights of one that is not pretrained. */
export const encoders: PartKind<RandomStream, Promise<LoadedEncoder>> = partKind({
  'resnet-tiny': part(
    { pretrained: z.boolean().default(true) },
    async ({ pretrained }, random: RandomStream): Promise<LoadedEncoder> => {
      const network = pretrained ? await loadResnetTiny() : resnetTiny(random);
      return { network, features: network.featureCount, statistics: resnetTinyStatistics };
    },
  ),
  /** The image tower of tiny-clip, whose features and patches lie in the space of its texts. */
  'tiny-clip': part({}, async (): Promise<LoadedEncoder> => {
    const { clip } = await loadTinyClip();
    clip.text.dispose();
    clip.logit_scale.dispose();
    return { network: clip.visual, features: clip.visual.featureCount, statistics: resnetTinyStatistics };
  }),
});
