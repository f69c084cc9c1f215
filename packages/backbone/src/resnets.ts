import { checkOptionNames, type RandomStream } from '@ltml/tensor';
import { BasicBlock } from './basic-block.ts';
import { Bottleneck, startAtZero } from './bottleneck.ts';
import { checkFlags, checkSizeList, checkSizes } from './check-sizes.ts';
import { ResNet, type ResNetConfig } from './resnet.ts';

/** The options of a network with given blocks and widths. */
export interface ResNetOptions extends Pick<ResNetConfig, 'halveMap' | 'classes' | 'recompute'> {
  /** Whether the last norm of each block starts at 0, as in DSCL; default false. */
  readonly zeroResidual?: boolean;
  /** The stream for the initial weights. Leave it out if you load weights afterwards. */
  readonly random?: RandomStream;
}

/** Blocks and widths of a network of bottlenecks with torchvision's stem. */
export interface BottleneckShape {
  readonly stem: number;
  /** P of each stage, see {@link Bottleneck}. */
  readonly planes: readonly number[];
  /** Number of blocks in each stage. */
  readonly blocks: readonly number[];
  readonly groups: number;
  /** See the option of the same name of `Bottleneck`. */
  readonly groupWidth: number;
  /** Whether it is a ResNet-D: three convolutions in the stem, and averaging shortcuts; default false. */
  readonly deep?: boolean;
}

/** Widths of a network of basic blocks with torchvision's stem. */
export interface BasicShape {
  /** Kernel of the first convolution. ImageNet's networks have 7, followed by a pooling. */
  readonly kernel: number;
  readonly stem: number;
  /** Channels of each stage. */
  readonly channels: readonly number[];
  readonly blocks: readonly number[];
  /** See the field of the same name of {@link BottleneckShape}. */
  readonly deep?: boolean;
}

/** The widths of He et al. 2016, table 1. */
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
 * A ResNet or ResNeXt of any size: a 7 × 7 convolution with stride 2, max pooling, and stages of bottlenecks. Each
 * stage except the first halves height and width.
 *
 * @throws OptionError
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

/** A ResNet of any size with basic blocks, e.g. ResNet-18 and ResNet-34. @throws OptionError */
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
