import { type ProjectedResNet, type ResNet, resnetTiny, resnetTinyStatistics } from '@ltml/backbone';
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

/** Where the networks of encoders come from: with trained weights, or as they are before a model's are read into them. */
export interface EncoderNetworks {
  resnetTiny(): Promise<ResNet>;
  /** The image tower. */
  tinyClip(): Promise<ProjectedResNet>;
}

export interface EncoderParts {
  /** Draws the weights of an encoder that is not pretrained. */
  readonly random: RandomStream;
  readonly networks: EncoderNetworks;
}

/** Encoders by name. */
export const encoders: PartKind<EncoderParts, Promise<LoadedEncoder>> = partKind({
  'resnet-tiny': part(
    { pretrained: z.boolean().default(true) },
    async ({ pretrained }, { random, networks }: EncoderParts): Promise<LoadedEncoder> => {
      const network = pretrained ? await networks.resnetTiny() : resnetTiny(random);
      return { network, features: network.featureCount, statistics: resnetTinyStatistics };
    },
  ),
  /** The image tower of tiny-clip, whose features and patches lie in the space of its texts. */
  'tiny-clip': part({}, async (_, { networks }: EncoderParts): Promise<LoadedEncoder> => {
    const network = await networks.tinyClip();
    return { network, features: network.featureCount, statistics: resnetTinyStatistics };
  }),
});
