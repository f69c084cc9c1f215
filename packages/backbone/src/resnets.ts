import { checkOptionNames, type RandomStream } from '@ltml/tensor';
import { BasicBlock } from './basic-block.ts';
import { Bottleneck, startAtZero } from './bottleneck.ts';
import { checkFlags, checkSizeList, checkSizes } from './check-sizes.ts';
import { ResNet, type ResNetConfig } from './resnet.ts';

/** What can be chosen of a network whose blocks and widths are given. */
export interface ResNetOptions extends Pick<ResNetConfig, 'halveMap' | 'classes' | 'recompute'> {
  /** Whether the last norm of each block starts at 0, as DSCL does; default false. */
  readonly zeroResidual?: boolean;
  /** Draws the weights; leave it out where weights are loaded right after. */
  readonly random?: RandomStream;
}

/** Blocks and widths of a network of bottlenecks with torchvision's stem. */
export interface BottleneckShape {
  readonly stem: number;
  /** P of each stage. */
  readonly planes: readonly number[];
  /** How many blocks each stage has. */
  readonly blocks: readonly number[];
  readonly groups: number;
  /** See the option of the same name of `Bottleneck`. */
  readonly groupWidth: number;
  /** Whether it is a ResNet-D: three convolutions for the first, and shortcuts that average; default false. */
  readonly deep?: boolean;
}

/** Widths of a network of basic blocks with torchvision's stem. */
export interface BasicShape {
  /** The kernel of the first convolution; ImageNet's networks have 7, with a pooling after it. */
  readonly kernel: number;
  readonly stem: number;
  /** Of each stage. */
  readonly channels: readonly number[];
  readonly blocks: readonly number[];
  /** See the field of the same name of {@link BottleneckShape}. */
  readonly deep?: boolean;
}

/** Widths of He et al. 2016, table 1. */
export const imageNetShape: Omit<BottleneckShape, 'blocks'> = {
  stem: 64,
  planes: [64, 128, 256, 512],
  groups: 1,
  groupWidth: 64,
};

/** ResNet-50: 23.5 M parameters, D = 2048. */
export function resnet50(options: ResNetOptions = {}): ResNet {
  return bottleneckResNet({ ...imageNetShape, blocks: [3, 4, 6, 3] }, options);
}

/** ResNet-101: 42.5 M parameters, D = 2048. */
export function resnet101(options: ResNetOptions = {}): ResNet {
  return bottleneckResNet({ ...imageNetShape, blocks: [3, 4, 23, 3] }, options);
}

/** ResNeXt-50 with 32 groups of width 4: 23.0 M parameters, D = 2048. */
export function resnext50(options: ResNetOptions = {}): ResNet {
  return bottleneckResNet({ ...imageNetShape, blocks: [3, 4, 6, 3], groups: 32, groupWidth: 4 }, options);
}

/**
 * A ResNet or ResNeXt of any size: a 7 × 7 convolution of stride 2, max pooling, and stages of bottlenecks, each but the
 * first of which halves height and width.
 */
export function bottleneckResNet(shape: BottleneckShape, options: ResNetOptions = {}): ResNet {
  checkOptionNames('bottleneckResNet', options, ['halveMap', 'classes', 'recompute', 'zeroResidual', 'random']);
  checkOptionNames('bottleneckResNet', shape, ['stem', 'planes', 'blocks', 'groups', 'groupWidth', 'deep']);
  const { stem, planes, blocks, groups, groupWidth, deep = false } = shape;
  const { random, zeroResidual = false, ...others } = options;
  checkSizes('bottleneckResNet', { stem, groups, groupWidth });
  checkSizeList('bottleneckResNet', 'planes', planes);
  checkSizeList('bottleneckResNet', 'blocks', blocks, planes.length);
  checkFlags('bottleneckResNet', { zeroResidual, deep });
  return new ResNet(
    {
      ...others,
      stem: { channels: stem, kernel: deep ? 3 : 7, stride: 2, maxPool: true, deep },
      stages: planes.map((channels, i) => ({ channels, blocks: blocks[i], stride: i === 0 ? 1 : 2 })),
      block: ({ channels, ...place }) =>
        new Bottleneck({ ...place, planes: channels, groups, groupWidth, zeroResidual, averaged: deep }),
    },
    random,
  );
}

/** ResNet-18 and -34, or of other widths: the same of basic blocks. */
export function basicResNet(shape: BasicShape, options: ResNetOptions = {}): ResNet {
  checkOptionNames('basicResNet', options, ['halveMap', 'classes', 'recompute', 'zeroResidual', 'random']);
  checkOptionNames('basicResNet', shape, ['kernel', 'stem', 'channels', 'blocks', 'deep']);
  const { kernel, stem, channels, blocks, deep = false } = shape;
  const { random, zeroResidual = false, ...others } = options;
  checkSizes('basicResNet', { kernel, stem });
  checkSizeList('basicResNet', 'channels', channels);
  checkSizeList('basicResNet', 'blocks', blocks, channels.length);
  checkFlags('basicResNet', { zeroResidual, deep });
  return new ResNet(
    {
      ...others,
      stem: { channels: stem, kernel, stride: 2, maxPool: true, deep },
      stages: channels.map((count, i) => ({ channels: count, blocks: blocks[i], stride: i === 0 ? 1 : 2 })),
      block: (place) => {
        const block = new BasicBlock({ ...place, averaged: deep });
        if (zeroResidual) startAtZero(block.bn2);
        return block;
      },
    },
    random,
  );
}
