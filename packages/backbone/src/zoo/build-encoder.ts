import { checkOptionNames, type Pair, type RandomStream } from '@ltml/tensor';
import { checkFlags } from '../check-sizes.ts';
import { ClipResNet } from '../clip-resnet.ts';
import { ClipVisionTransformer } from '../clip-vision-transformer.ts';
import { ProjectedResNet } from '../projected-resnet.ts';
import type { ResNet } from '../resnet.ts';
import { resnetTiny } from '../resnet-tiny.ts';
import { basicResNet, bottleneckResNet } from '../resnets.ts';
import { VisionTransformer } from '../vision-transformer.ts';
import type { ZooEncoder } from './zoo-encoder.ts';

/** An image encoder of the zoo. */
export type EncoderNetwork = ResNet | VisionTransformer | ClipVisionTransformer | ClipResNet | ProjectedResNet;

export interface BuildEncoderOptions {
  /** Pixels, or [height, width]; default that of the encoder. A network without positions takes images of any size. */
  readonly imageSize?: Pair;
  /** Whether activations are computed anew in the backward pass instead of being kept; default false. */
  readonly recompute?: boolean;
  /** Draws the weights; leave it out where weights are loaded right after. */
  readonly random?: RandomStream;
}

/** The image network of an encoder of the zoo, without a classifier. @throws OptionError */
export function buildEncoder(
  { network, imageSize: own }: ZooEncoder,
  options: BuildEncoderOptions = {},
): EncoderNetwork {
  checkOptionNames('buildEncoder', options, ['imageSize', 'recompute', 'random']);
  const { imageSize = own, recompute = false, random } = options;
  checkFlags('buildEncoder', { recompute });
  switch (network.kind) {
    case 'resnet':
      return bottleneckResNet(network.shape, { recompute, ...(random && { random }) });
    case 'basic-resnet':
      return basicResNet(network.shape, { recompute, ...(random && { random }) });
    case 'vit':
      return new VisionTransformer({ ...network.config, imageSize, recompute }, random);
    case 'clip-vit':
      return new ClipVisionTransformer({ ...network.config, imageSize, recompute }, random);
    case 'clip-resnet':
      return new ClipResNet({ ...network.config, imageSize, recompute }, random);
    case 'resnet-tiny':
      return resnetTiny(random);
    case 'tiny-clip':
      return new ProjectedResNet(resnetTiny(random), 64, random);
  }
}
