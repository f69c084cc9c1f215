import { type BasicShape, type BottleneckShape, imageNetShape } from '../resnets.ts';
import { preprocessings } from './preprocessing.ts';
import type { KnownWeights, ZooEncoder } from './zoo-encoder.ts';

const { torchvision, torchvision2, timm } = preprocessings;

const common = {
  encodings: ['featureMap', 'features'],
  imageSize: 224,
  hasPositions: false,
  preprocessing: torchvision,
  layouts: ['torchvision ResNet', 'Hugging Face ResNet'],
} as const;

interface Names {
  readonly aliases?: readonly string[];
  /** Of `timm/…` on the hub, by what follows the name of the network. */
  readonly tags: readonly ('tv_in1k' | 'tv2_in1k' | 'a1_in1k')[];
  readonly others?: readonly KnownWeights[];
}

const training = {
  tv_in1k: { licence: 'BSD-3-Clause', source: 'torchvision on ImageNet-1k' },
  tv2_in1k: {
    licence: 'BSD-3-Clause',
    source: "torchvision's second recipe on ImageNet-1k",
    preprocessing: torchvision2,
  },
  a1_in1k: { licence: 'Apache-2.0', source: "timm's recipe A1 on ImageNet-1k", preprocessing: timm },
} as const;

function ofTimm(name: string, { aliases = [], tags, others = [] }: Names) {
  const weights = tags.map((tag): KnownWeights => ({ hub: `timm/${name}.${tag}`, ...training[tag] }));
  return { ...common, aliases, weights: [...weights, ...others] };
}

function bottlenecks(name: string, sizes: Pick<BottleneckShape, 'blocks'> & Partial<BottleneckShape>, names: Names) {
  const shape = { ...imageNetShape, ...sizes };
  return { name, network: { kind: 'resnet', shape }, width: 2048, ...ofTimm(name, names) } as const;
}

function basicBlocks(name: string, blocks: readonly number[], names: Names) {
  const shape: BasicShape = { kernel: 7, stem: 64, channels: imageNetShape.planes, blocks };
  return { name, network: { kind: 'basic-resnet', shape }, width: 512, ...ofTimm(name, names) } as const;
}

const microsoft = (layers: number): Names => ({
  aliases: [`resnet-${layers}`],
  tags: ['tv_in1k', 'tv2_in1k', 'a1_in1k'],
  others: [
    {
      hub: `microsoft/resnet-${layers}`,
      licence: 'Apache-2.0',
      source: "timm's recipe A1 on ImageNet-1k, as Hugging Face names tensors",
      preprocessing: timm,
    },
  ],
});

/** ResNets and ResNeXts of torchvision. */
export const residualEncoders: readonly ZooEncoder[] = [
  basicBlocks('resnet18', [2, 2, 2, 2], { aliases: ['resnet-18'], tags: ['tv_in1k', 'a1_in1k'] }),
  basicBlocks('resnet34', [3, 4, 6, 3], { aliases: ['resnet-34'], tags: ['tv_in1k', 'a1_in1k'] }),
  bottlenecks('resnet50', { blocks: [3, 4, 6, 3] }, microsoft(50)),
  bottlenecks('resnet101', { blocks: [3, 4, 23, 3] }, microsoft(101)),
  bottlenecks('resnet152', { blocks: [3, 8, 36, 3] }, microsoft(152)),
  bottlenecks(
    'resnext50_32x4d',
    { blocks: [3, 4, 6, 3], groups: 32, groupWidth: 4 },
    { aliases: ['resnext50'], tags: ['tv_in1k', 'tv2_in1k'] },
  ),
  bottlenecks(
    'resnext101_32x8d',
    { blocks: [3, 4, 23, 3], groups: 32, groupWidth: 8 },
    { aliases: ['resnext101'], tags: ['tv_in1k', 'tv2_in1k'] },
  ),
  bottlenecks(
    'resnext101_64x4d',
    { blocks: [3, 4, 23, 3], groups: 64, groupWidth: 4 },
    {
      tags: [],
      others: [{ hub: 'timm/resnext101_64x4d.tv_in1k', ...training.tv_in1k, preprocessing: torchvision2 }],
    },
  ),
];
