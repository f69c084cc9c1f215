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

/** The image networks of the zoo. */
export type EncoderNetwork = ResNet | VisionTransformer | ClipVisionTransformer | ClipResNet | ProjectedResNet;

/** Options of {@link buildEncoder}. */
export interface BuildEncoderOptions {
  /**
   * In pixels, or [height, width]; default that of the encoder. A network without positions accepts images of any size.
   */
  readonly imageSize?: Pair;
  /** Recomputes activations in the backward pass instead of storing them, to save memory; default false. */
  readonly recompute?: boolean;
  /** The stream for the initial weights. Leave it out if you load weights afterwards. */
  readonly random?: RandomStream;
}

/** Builds the image network of an encoder of the zoo, without a classifier. @throws OptionError */
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
