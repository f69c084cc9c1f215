import { DataError, type Pair } from '@ltml/tensor';
import { expansion } from '../bottleneck.ts';
import type { ClipResNetConfig } from '../clip-resnet.ts';
import type { ClipVisionTransformerConfig } from '../clip-vision-transformer.ts';
import type { BasicShape, BottleneckShape } from '../resnets.ts';
import type { ClipTextTransformerConfig } from '../text/clip-text-transformer.ts';
import type { VisionTransformerConfig } from '../vision-transformer.ts';
import { readConfiguration } from './configuration.ts';
import { foreignPart } from './foreign-networks.ts';
import { publishedHeads, publishedPoolHeads } from './heads.ts';
import type { WeightPlan } from './plan.ts';
import { type PlaceGrid, type PositionTable, readPositionTable } from './position-table.ts';

/** The sizes of a network; `heads` and `imageSize` are undefined if neither shapes nor a configuration show them. */
type Told<Config extends { readonly heads?: number }> = Omit<Config, 'heads' | 'imageSize'> & {
  readonly heads: number | undefined;
};
type ToldImage<Config extends { readonly heads?: number; readonly imageSize: Pair }> = Told<Config> & {
  readonly imageSize: Pair | undefined;
};

/** What the shapes of a checkpoint, and the configuration beside it, show about its network. */
export type Architecture =
  | { readonly kind: 'resnet'; readonly shape: BottleneckShape; readonly classes: number | undefined }
  | { readonly kind: 'basic-resnet'; readonly shape: BasicShape; readonly classes: number | undefined }
  | { readonly kind: 'vit'; readonly config: ToldImage<VisionTransformerConfig> }
  | { readonly kind: 'clip-vit'; readonly config: ToldImage<ClipVisionTransformerConfig> }
  | { readonly kind: 'clip-resnet'; readonly config: ToldImage<ClipResNetConfig> }
  | { readonly kind: 'clip-text'; readonly config: Told<ClipTextTransformerConfig> };

/**
 * Reads the sizes of a network from the shapes of its weights.
 *
 * @throws DataError if a tensor that shows a size is missing or has another rank, or if no network has such sizes
 */
export function readArchitecture(plan: WeightPlan): Architecture {
  const architecture = readKind(plan);
  const told = 'shape' in architecture ? architecture.shape : architecture.config;
  const { classes } = { classes: undefined, ...architecture, ...told };
  checkWhole({ ...told, classes });
  return architecture;
}

/** Broken shapes may give fractional sizes, e.g. for the planes of a bottleneck, a quarter of its channels. */
function checkWhole(sizes: object): void {
  for (const [name, size] of Object.entries(sizes)) {
    for (const value of Array.isArray(size) ? size : [size]) {
      if (
        typeof value !== 'number' ||
        name === 'epsilon' ||
        name === 'registers' ||
        (Number.isSafeInteger(value) && value >= 1)
      )
        continue;
      throw refusal('source', 'the weights of a network whose sizes are whole numbers from 1', `${name} ${value}`);
    }
    if (Array.isArray(size) && size.length === 0) throw refusal('source', `${name} of one stage or more`, 'none');
  }
}

function readKind(plan: WeightPlan): Architecture {
  const { family } = plan.layout;
  const foreign = foreignPart([...plan.unknown, ...plan.tensors.keys()]);
  if (foreign) {
    const [part, name] = foreign;
    throw refusal(
      'source',
      'the weights of a network that is known',
      `one with ${part} (${name}), which none here has`,
    );
  }
  if (family === 'resnet') return readResNet(plan);
  if (family === 'vit') return { kind: 'vit', config: readVit(plan) };
  if (plan.tensors.has('visual.class_embedding')) return { kind: 'clip-vit', config: readClipVit(plan) };
  if (plan.tensors.has('visual.conv1.weight')) return { kind: 'clip-resnet', config: readClipResNet(plan) };
  return { kind: 'clip-text', config: readClipText(plan) };
}

/**
 * Reads the sizes of CLIP's text tower, also from a checkpoint with both towers.
 *
 * @throws DataError if a tensor that shows a size is missing or has another rank
 */
export function readClipText(plan: WeightPlan): Told<ClipTextTransformerConfig> {
  const [vocabularySize, width] = shapeOf(plan, 'token_embedding.weight', 2);
  const [contextLength] = shapeOf(plan, 'positional_embedding', 2);
  const [, embedding] = shapeOf(plan, 'text_projection', 2);
  const layers = count(plan, /^transformer\.resblocks\.(\d+)\./);
  checkWidth(plan, 'transformer.resblocks.0.attn.in_proj_weight', width);
  const { heads, quickGelu } = readConfiguration(plan.config, 'text', width);
  return {
    vocabularySize,
    contextLength,
    width,
    layers,
    embedding,
    heads: heads ?? publishedHeads('text', width, layers),
    ...(quickGelu !== undefined && { quickGelu }),
  };
}

/** A short description for people: kind and sizes. */
export function describeArchitecture(architecture: Architecture): string {
  switch (architecture.kind) {
    case 'resnet': {
      const { blocks, groups, groupWidth, deep } = architecture.shape;
      const layers = 2 + 3 * sum(blocks);
      const name = groups === 1 ? `ResNet-${layers}${deep ? '-D' : ''}` : `ResNeXt-${layers} ${groups}×${groupWidth}d`;
      return `${name}, blocks ${blocks.join('-')}, ${architecture.classes ?? 'no'} classes`;
    }
    case 'basic-resnet': {
      const { blocks, channels, deep } = architecture.shape;
      const classes = `${architecture.classes ?? 'no'} classes`;
      const name = `ResNet-${2 + 2 * sum(blocks)}${deep ? '-D' : ''} of basic blocks`;
      return `${name}, blocks ${blocks.join('-')}, ${channels.at(-1)} channels, ${classes}`;
    }
    case 'vit': {
      const { classes, ...config } = architecture.config;
      const parts = [`ViT, ${describeVit({ ...config, layers: config.depth })}`, ...vitParts(config)];
      return `${parts.join(', ')}, ${classes ?? 'no'} classes`;
    }
    case 'clip-vit':
      return `CLIP ViT, ${describeVit(architecture.config)}, embedding ${architecture.config.embedding}`;
    case 'clip-resnet': {
      const { blocks, width, heads, imageSize, embedding } = architecture.config;
      const sizes = [`width ${width}`, inHeads(heads), `image ${inPixels(imageSize)}`, `embedding ${embedding}`];
      return `CLIP ResNet-${2 + 3 * sum(blocks)}, ${sizes.join(', ')}`;
    }
    case 'clip-text':
      return `CLIP text tower, ${describeClipText(architecture.config)}`;
  }
}

/** A short description of a text tower's sizes. */
export function describeClipText(config: Told<ClipTextTransformerConfig>): string {
  const { width, layers, heads, contextLength, vocabularySize, embedding } = config;
  return [
    `width ${width}`,
    `${layers} layers`,
    inHeads(heads),
    `${contextLength} positions`,
    `${vocabularySize} tokens`,
    `embedding ${embedding}`,
  ].join(', ');
}

/** The differences from a plain vision transformer. */
function vitParts({
  classToken,
  distilled,
  registers,
  layerScale,
  poolNorm,
}: Partial<VisionTransformerConfig>): string[] {
  return [
    ...(classToken === false ? ['no class token'] : []),
    ...(distilled ? ['a distillation token'] : []),
    ...(registers ? [`${registers} registers`] : []),
    ...(layerScale ? ['LayerScale'] : []),
    ...(poolNorm ? ['a norm after pooling'] : []),
  ];
}

function describeVit(
  config: Pick<ToldImage<ClipVisionTransformerConfig>, 'width' | 'layers' | 'heads' | 'patchSize' | 'imageSize'>,
): string {
  const { width, layers, heads, patchSize, imageSize } = config;
  return `width ${width}, ${layers} layers, ${inHeads(heads)}, patch ${patchSize}, image ${inPixels(imageSize)}`;
}

function inHeads(heads: number | undefined): string {
  return heads === undefined ? 'heads unknown' : `${heads} heads`;
}

function inPixels(imageSize: Pair | undefined): string {
  if (imageSize === undefined) return 'size unknown';
  return typeof imageSize === 'number' ? `${imageSize}` : imageSize.join(' × ');
}

function readResNet(plan: WeightPlan): Architecture {
  const deep = plan.tensors.has('conv1.6.weight');
  const [stem, , kernel] = shapeOf(plan, deep ? 'conv1.6.weight' : 'conv1.weight', 4);
  if (deep && !plan.tensors.has('layer2.0.downsample.1.weight')) {
    throw refusal('source', 'a ResNet-D, whose shortcuts average', 'a ResNet-C, whose shortcuts do not');
  }
  const own = deep && { deep };
  const blocks = countStages(plan, '');
  const classes = plan.tensors.get('fc.weight')?.shape[0];
  if (!plan.tensors.has('layer1.0.conv3.weight')) {
    const channels = blocks.map((_, i) => shapeOf(plan, `layer${i + 1}.0.conv2.weight`, 4)[0]);
    return { kind: 'basic-resnet', shape: { kernel, stem, channels, blocks, ...own }, classes };
  }
  const planes = blocks.map((_, i) => shapeOf(plan, `layer${i + 1}.0.conv3.weight`, 4)[0] / expansion);
  const [width, perGroup] = shapeOf(plan, 'layer1.0.conv2.weight', 4);
  const groups = width / perGroup;
  // The smallest group width that gives the channels of every stage; each stage rounds its share of the planes down.
  const shares = planes.map((count, i) => (64 * shapeOf(plan, `layer${i + 1}.0.conv2.weight`, 4)[1]) / count);
  const groupWidth = Math.ceil(shares.reduce((a, b) => Math.max(a, b), 0));
  return { kind: 'resnet', shape: { stem, planes, blocks, groups, groupWidth, ...own }, classes };
}

function readVit(plan: WeightPlan): ToldImage<VisionTransformerConfig> {
  const [width, , patchSize] = shapeOf(plan, 'patch_embed.proj.weight', 4);
  const depth = count(plan, /^blocks\.(\d+)\./);
  const { heads, imageSize, quickGelu, epsilon = plan.layout.epsilon } = readConfiguration(plan.config, 'image', width);
  if (quickGelu) throw refusal("the weights' configuration", 'one with the activation gelu', 'quick_gelu');
  checkWidth(plan, 'blocks.0.attn.qkv.weight', width);
  const classes = plan.tensors.get('head.weight')?.shape[0];
  const has = (name: string): boolean => plan.tensors.has(name);
  const [classToken, distilled] = [has('cls_token'), has('dist_token')];
  const registers = has('reg_token') ? shapeOf(plan, 'reg_token', 3)[1] : 0;
  const poolNorm = has('fc_norm.weight');
  const table = readTable(plan, 'pos_embed', { patchSize, imageSize, tokens: vitTokens(plan) });
  return {
    imageSize: inImage(table?.grid, patchSize),
    patchSize,
    width,
    depth,
    heads: heads ?? publishedHeads('image', width, depth),
    ...(table && classToken && { classPosition: table.tokenRows > 0 }),
    ...(!classToken && { classToken }),
    ...(distilled && { distilled }),
    ...(registers > 0 && { registers }),
    ...(has('blocks.0.ls1.gamma') && { layerScale: true }),
    // If the norm follows a pooling, the pooling is the mean of the patches.
    ...(poolNorm && { poolNorm, pooling: 'mean' as const }),
    ...(epsilon !== undefined && { epsilon }),
    ...(classes !== undefined && { classes }),
  };
}

/** The number of tokens before the patches that may have positions: class and distillation token. */
export function vitTokens({ tensors }: WeightPlan): number {
  return Number(tensors.has('cls_token')) + Number(tensors.has('dist_token'));
}

function readClipVit(plan: WeightPlan): ToldImage<ClipVisionTransformerConfig> {
  const [width, , patchSize] = shapeOf(plan, 'visual.conv1.weight', 4);
  const [, embedding] = shapeOf(plan, 'visual.proj', 2);
  const layers = count(plan, /^visual\.transformer\.resblocks\.(\d+)\./);
  checkWidth(plan, 'visual.transformer.resblocks.0.attn.in_proj_weight', width);
  const { heads, imageSize, quickGelu } = readConfiguration(plan.config, 'image', width);
  return {
    imageSize: inImage(
      readTable(plan, 'visual.positional_embedding', { patchSize, imageSize, tokens: 1 })?.grid,
      patchSize,
    ),
    patchSize,
    width,
    layers,
    heads: heads ?? publishedHeads('image', width, layers),
    embedding,
    ...(quickGelu !== undefined && { quickGelu }),
  };
}

function readClipResNet(plan: WeightPlan): ToldImage<ClipResNetConfig> {
  const [width] = shapeOf(plan, 'visual.conv3.weight', 4);
  if (width % 2 !== 0) throw refusal('visual.conv3.weight', 'an even number of channels', `${width}`);
  const [embedding] = shapeOf(plan, 'visual.attnpool.c_proj.weight', 2);
  const blocks = countStages(plan, 'visual.');
  const stride = 4 * 2 ** (blocks.length - 1);
  const { heads, imageSize } = readConfiguration(plan.config, 'image', 32 * width);
  const table = readTable(plan, 'visual.attnpool.positional_embedding', { patchSize: stride, imageSize, tokens: 1 });
  return {
    imageSize: inImage(table?.grid, stride),
    width,
    blocks,
    heads: heads ?? publishedPoolHeads(width),
    embedding,
  };
}

/**
 * How to read a table of positions. It uses the configuration's image size if that fits; undefined if the grid is
 * unknown.
 */
function readTable(
  plan: WeightPlan,
  name: string,
  { patchSize, imageSize, tokens }: { patchSize: number; imageSize: Pair | undefined; tokens: number },
): PositionTable | undefined {
  const rows = plan.tensors.get(name)?.shape.at(-2) ?? 0;
  const [height, width] = typeof imageSize === 'object' ? imageSize : [imageSize ?? 0, imageSize ?? 0];
  const grid: PlaceGrid = [Math.floor(height / patchSize), Math.floor(width / patchSize)];
  return readPositionTable(rows, tokens, grid) ?? readPositionTable(rows, tokens);
}

function inImage(grid: PlaceGrid | undefined, patchSize: number): Pair | undefined {
  if (!grid) return undefined;
  const [height, width] = grid.map((count) => count * patchSize);
  return height === width ? height : [height, width];
}

/** Number of blocks in each stage. */
function countStages(plan: WeightPlan, start: string): number[] {
  const stages = count(plan, new RegExp(`^${start.replace('.', '\\.')}layer(\\d+)\\.`), 1);
  return Array.from({ length: stages }, (_, i) =>
    count(plan, new RegExp(`^${start.replace('.', '\\.')}layer${i + 1}\\.(\\d+)\\.`)),
  );
}

/** How many numbers the pattern captures. @throws DataError unless they are 0, 1, 2, … or, for stages, 1, 2, 3, … */
function count(plan: WeightPlan, pattern: RegExp, first: number = 0): number {
  const numbers = new Set<number>();
  let last = first - 1;
  for (const name of plan.tensors.keys()) {
    const number = pattern.exec(name)?.[1];
    if (number === undefined) continue;
    numbers.add(Number(number));
    last = Math.max(last, Number(number));
  }
  if (last + 1 - first === numbers.size) return numbers.size;
  throw refusal('source', `a checkpoint of blocks from ${first} to ${last}`, `${numbers.size} of them`);
}

function shapeOf(plan: WeightPlan, name: string, rank: number): readonly number[] {
  const shape = plan.tensors.get(name)?.shape;
  if (shape?.length === rank && shape.every((size) => size >= 1)) return shape;
  throw refusal(name, `a tensor of ${rank} axes, as ${plan.layout.name} has it`, shape ? `[${shape}]` : 'none');
}

/** Checked before the network is built, so that a wrong width in a broken file does not fill the memory. */
function checkWidth(plan: WeightPlan, name: string, width: number): void {
  const shape = shapeOf(plan, name, 2);
  if (shape[0] !== 3 * width || shape[1] !== width) throw refusal(name, `[${3 * width}, ${width}]`, `[${shape}]`);
}

function refusal(argument: string, expected: string, received: string): DataError {
  return new DataError({ where: 'readArchitecture', argument, expected, received });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
