import { DataError } from '@ltml/tensor';
import { expansion } from '../bottleneck.ts';
import type { ClipResNetConfig } from '../clip-resnet.ts';
import type { ClipVisionTransformerConfig } from '../clip-vision-transformer.ts';
import type { BottleneckShape } from '../resnets.ts';
import type { VisionTransformerConfig } from '../vision-transformer.ts';
import type { WeightPlan } from './plan.ts';

/** What the shapes of a checkpoint tell of its network. Heads they do not tell: everyone's have 64 features. */
export type Architecture =
  | { readonly kind: 'resnet'; readonly shape: BottleneckShape; readonly classes: number | undefined }
  | { readonly kind: 'basic-resnet'; readonly blocks: readonly number[]; readonly channels: number }
  | { readonly kind: 'vit'; readonly config: VisionTransformerConfig }
  | { readonly kind: 'clip-vit'; readonly config: ClipVisionTransformerConfig }
  | { readonly kind: 'clip-resnet'; readonly config: ClipResNetConfig }
  | { readonly kind: 'clip-text' };

/**
 * Reads a network's sizes off the shapes of its weights.
 *
 * @throws DataError if a tensor that tells a size is missing or of another rank
 */
export function readArchitecture(plan: WeightPlan): Architecture {
  const { family } = plan.layout;
  if (family === 'resnet') return readResNet(plan);
  if (family === 'vit') return { kind: 'vit', config: readVit(plan) };
  if (plan.tensors.has('visual.class_embedding')) return { kind: 'clip-vit', config: readClipVit(plan) };
  if (plan.tensors.has('visual.conv1.weight')) return { kind: 'clip-resnet', config: readClipResNet(plan) };
  return { kind: 'clip-text' };
}

/** A few words for people: kind, sizes. */
export function describeArchitecture(architecture: Architecture): string {
  switch (architecture.kind) {
    case 'resnet': {
      const { blocks, groups, groupWidth } = architecture.shape;
      const layers = 2 + 3 * sum(blocks);
      const name = groups === 1 ? `ResNet-${layers}` : `ResNeXt-${layers} ${groups}×${groupWidth}d`;
      return `${name}, blocks ${blocks.join('-')}, ${architecture.classes ?? 'no'} classes`;
    }
    case 'basic-resnet': {
      const { blocks, channels } = architecture;
      return `ResNet-${2 + 2 * sum(blocks)} of basic blocks, blocks ${blocks.join('-')}, ${channels} channels`;
    }
    case 'vit': {
      const { classes, ...config } = architecture.config;
      return `ViT, ${describeVit({ ...config, layers: config.depth })}, ${classes ?? 'no'} classes`;
    }
    case 'clip-vit':
      return `CLIP ViT, ${describeVit(architecture.config)}, embedding ${architecture.config.embedding}`;
    case 'clip-resnet': {
      const { blocks, width, imageSize, embedding } = architecture.config;
      return `CLIP ResNet-${2 + 3 * sum(blocks)}, width ${width}, image ${imageSize}, embedding ${embedding}`;
    }
    case 'clip-text':
      return 'CLIP text tower';
  }
}

function describeVit(
  config: Pick<ClipVisionTransformerConfig, 'width' | 'layers' | 'patchSize' | 'imageSize'>,
): string {
  return `width ${config.width}, ${config.layers} layers, patch ${config.patchSize}, image ${config.imageSize}`;
}

function readResNet(plan: WeightPlan): Architecture {
  const [stem] = shapeOf(plan, 'conv1.weight', 4);
  const blocks = countStages(plan, '');
  if (!plan.tensors.has('layer1.0.conv3.weight')) {
    return { kind: 'basic-resnet', blocks, channels: shapeOf(plan, `layer${blocks.length}.0.conv2.weight`, 4)[0] };
  }
  const planes = blocks.map((_, i) => shapeOf(plan, `layer${i + 1}.0.conv3.weight`, 4)[0] / expansion);
  const [width, perGroup] = shapeOf(plan, 'layer1.0.conv2.weight', 4);
  const groups = width / perGroup;
  // The smallest that gives the channels of every stage, which round a share of their planes down.
  const shares = planes.map((count, i) => (64 * shapeOf(plan, `layer${i + 1}.0.conv2.weight`, 4)[1]) / count);
  const groupWidth = Math.ceil(Math.max(...shares));
  const classes = plan.tensors.get('fc.weight')?.shape[0];
  return { kind: 'resnet', shape: { stem, planes, blocks, groups, groupWidth }, classes };
}

function readVit(plan: WeightPlan): VisionTransformerConfig {
  const [width, , patchSize] = shapeOf(plan, 'patch_embed.proj.weight', 4);
  const { epsilon } = plan.layout;
  const classes = plan.tensors.get('head.weight')?.shape[0];
  return {
    imageSize: patchSize * sideOf(plan, 'pos_embed'),
    patchSize,
    width,
    depth: count(plan, /^blocks\.(\d+)\./),
    heads: headsOf(width),
    ...(epsilon !== undefined && { epsilon }),
    ...(classes !== undefined && { classes }),
  };
}

function readClipVit(plan: WeightPlan): ClipVisionTransformerConfig {
  const [width, , patchSize] = shapeOf(plan, 'visual.conv1.weight', 4);
  const [, embedding] = shapeOf(plan, 'visual.proj', 2);
  return {
    imageSize: patchSize * sideOf(plan, 'visual.positional_embedding'),
    patchSize,
    width,
    layers: count(plan, /^visual\.transformer\.resblocks\.(\d+)\./),
    heads: headsOf(width),
    embedding,
  };
}

function readClipResNet(plan: WeightPlan): ClipResNetConfig {
  const [width] = shapeOf(plan, 'visual.conv3.weight', 4);
  const [embedding] = shapeOf(plan, 'visual.attnpool.c_proj.weight', 2);
  const blocks = countStages(plan, 'visual.');
  const imageSize = 4 * 2 ** (blocks.length - 1) * sideOf(plan, 'visual.attnpool.positional_embedding');
  return { imageSize, width, blocks, heads: headsOf(32 * width), embedding };
}

function headsOf(width: number): number {
  return Math.max(1, Math.floor(width / 64));
}

/** Blocks of each stage. */
function countStages(plan: WeightPlan, start: string): number[] {
  const stages = count(plan, new RegExp(`^${start.replace('.', '\\.')}layer(\\d+)\\.`)) - 1;
  return Array.from({ length: stages }, (_, i) =>
    count(plan, new RegExp(`^${start.replace('.', '\\.')}layer${i + 1}\\.(\\d+)\\.`)),
  );
}

/** One more than the highest number that the pattern captures. */
function count(plan: WeightPlan, pattern: RegExp): number {
  const numbers = [...plan.tensors.keys()].map((name) => Number(pattern.exec(name)?.[1] ?? -1));
  return Math.max(-1, ...numbers) + 1;
}

/** Rows of a square grid of positions, less that of the class token. */
function sideOf(plan: WeightPlan, name: string): number {
  const { shape } = plan.tensors.get(name) ?? { shape: [] };
  return Math.round(Math.sqrt((shape.at(-2) ?? 2) - 1));
}

function shapeOf(plan: WeightPlan, name: string, rank: number): readonly number[] {
  const shape = plan.tensors.get(name)?.shape;
  if (shape?.length === rank) return shape;
  throw new DataError({
    where: 'readArchitecture',
    argument: name,
    expected: `a tensor of ${rank} axes, as ${plan.layout.name} has it`,
    received: shape ? `[${shape}]` : 'none',
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
