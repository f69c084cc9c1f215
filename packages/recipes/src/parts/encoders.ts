import { type ProjectedResNet, type ResNet, resnetTiny, resnetTinyStatistics } from '@ltml/backbone';
import type { ChannelStatistics } from '@ltml/images';
import type { RandomStream } from '@ltml/tensor';
import type { Encoder, MapEncoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
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
  /** @param weights folder of a run that trained it; left out, those it was pretrained to */
  resnetTiny(weights?: string): Promise<ResNet>;
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
    {
      pretrained: z.boolean().default(true),
      /** Of a run that trained this network, or of its model. */
      weights: z.string().optional(),
      /** Averages the feature map over so many places, each way. */
      mapPool: z.int().positive().max(64).default(1),
    },
    async ({ pretrained, weights, mapPool }, { random, networks }: EncoderParts): Promise<LoadedEncoder> => {
      const network = pretrained ? await networks.resnetTiny(weights) : resnetTiny(random);
      if (mapPool > 1) poolMap(network, mapPool);
      return { network, features: network.featureCount, statistics: resnetTinyStatistics };
    },
  ),
  /** The image tower of tiny-clip, whose features and patches lie in the space of its texts. */
  'tiny-clip': part({}, async (_, { networks }: EncoderParts): Promise<LoadedEncoder> => {
    const network = await networks.tinyClip();
    return { network, features: network.featureCount, statistics: resnetTinyStatistics };
  }),
});

/** Makes a network give its map averaged over squares of places; names of its state stay as they are. */
function poolMap(network: MapEncoder, places: number): void {
  const forward = network.forward.bind(network);
  network.forward = (images) => {
    const output = forward(images);
    return { ...output, featureMap: tf.avgPool(output.featureMap, places, places, 'valid') };
  };
}
