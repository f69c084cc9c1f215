import { resnetTiny, resnetTinyStatistics } from '@ltml/backbone';
import { loadResnetTiny, loadTinyClip } from '@ltml/backbone/node';
import type { ChannelStatistics } from '@ltml/images';
import type { RandomStream } from '@ltml/tensor';
import type { Encoder } from '@ltml/tensor/contract';
import { z } from 'zod';
import { type PartKind, part, partKind } from './part.ts';

/** A backbone and what it expects of pictures. */
export interface LoadedBackbone {
  readonly encoder: Encoder;
  /** D, features of an image. */
  readonly features: number;
  readonly statistics: ChannelStatistics;
}

/** Backbones by name; the stream draws the weights of one that is not pretrained. */
export const backbones: PartKind<RandomStream, Promise<LoadedBackbone>> = partKind({
  'resnet-tiny': part(
    { pretrained: z.boolean().default(true) },
    async ({ pretrained }, random: RandomStream): Promise<LoadedBackbone> => {
      const network = pretrained ? await loadResnetTiny() : resnetTiny(random);
      return { encoder: network, features: network.featureCount, statistics: resnetTinyStatistics };
    },
  ),
  /** The image tower of tiny-clip, whose features and patches lie in the space of its texts. */
  'tiny-clip': part({}, async (): Promise<LoadedBackbone> => {
    const { clip } = await loadTinyClip();
    clip.text.dispose();
    clip.logit_scale.dispose();
    return { encoder: clip.visual, features: clip.visual.featureCount, statistics: resnetTinyStatistics };
  }),
});
