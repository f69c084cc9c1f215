import { type BasicShape, type BottleneckShape, imageNetShape } from '../resnets.ts';
import { preprocessings } from './preprocessing.ts';
import type { KnownWeights, ZooEncoder } from './zoo-encoder.ts';

const { torchvision, torchvision2, timm } = preprocessings;

const common = {
  encodings: ['featureMap', 'features'],
  imageSize: 224,
  hasPositions: false,
  preprocessing: torchvision,
  layouts: ['torchvision ResNet', 'Hugging Face ResNet', 'CPRFL'],
} as const;

interface Names {
  readonly aliases?: readonly string[];
  /** Tags of its weights `timm/…` on the hub: the part after the name of the network. */
  readonly tags: readonly (keyof typeof training)[];
  readonly others?: readonly KnownWeights[];
}

const training = {
  tv_in1k: { licence: 'BSD-3-Clause', source: 'torchvision on ImageNet-1k' },
  tv2_in1k: {
    licence: 'BSD-3-Clause',
    source: "torchvision's second recipe on ImageNet-1k",
    preprocessing: torchvision2,
  },
  ra2_in1k: {
    licence: 'Apache-2.0',
    source: "timm's recipe RA2 on ImageNet-1k",
    preprocessing: { ...timm, cropShare: torchvision.cropShare },
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

function basicBlocks(name: string, sizes: Pick<BasicShape, 'blocks'> & Partial<BasicShape>, names: Names) {
  const shape: BasicShape = { kernel: 7, stem: 64, channels: imageNetShape.planes, ...sizes };
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

const deep = { layouts: ['timm ResNet-D'], preprocessing: { ...timm, cropShare: torchvision.cropShare } } as const;
// The larger ones were trained at 256 pixels.
const large = { ...deep, preprocessing: timm, imageSize: 256 } as const;
const basicD = (blocks: readonly number[]) => ({ kernel: 3, blocks, deep: true });

/** torchvision's ResNets and ResNeXts, and timm's ResNet-D. */
export const residualEncoders: readonly ZooEncoder[] = [
  basicBlocks('resnet18', { blocks: [2, 2, 2, 2] }, { aliases: ['resnet-18'], tags: ['tv_in1k', 'a1_in1k'] }),
  basicBlocks('resnet34', { blocks: [3, 4, 6, 3] }, { aliases: ['resnet-34'], tags: ['tv_in1k', 'a1_in1k'] }),
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
  { ...basicBlocks('resnet18d', basicD([2, 2, 2, 2]), { tags: ['ra2_in1k'] }), ...deep },
  { ...basicBlocks('resnet34d', basicD([3, 4, 6, 3]), { tags: ['ra2_in1k'] }), ...deep },
  { ...bottlenecks('resnet50d', { blocks: [3, 4, 6, 3], deep: true }, { tags: ['ra2_in1k', 'a1_in1k'] }), ...deep },
  {
    ...bottlenecks('resnet101d', { blocks: [3, 4, 23, 3], deep: true }, { tags: [], others: [ofLarge('resnet101d')] }),
    ...large,
  },
  {
    ...bottlenecks('resnet152d', { blocks: [3, 8, 36, 3], deep: true }, { tags: [], others: [ofLarge('resnet152d')] }),
    ...large,
  },
];

function ofLarge(name: string): KnownWeights {
  return { hub: `timm/${name}.ra2_in1k`, ...training.ra2_in1k, preprocessing: timm };
}
