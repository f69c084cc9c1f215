import { checkOptionNames, DataError, type Module, type Pair } from '@ltml/tensor';
import { checkFlags, checkFunction } from '../check-sizes.ts';
import { ClipResNet } from '../clip-resnet.ts';
import { ClipVisionTransformer, type ClipVisionTransformerConfig } from '../clip-vision-transformer.ts';
import { patchGrid } from '../patches.ts';
import { bicubic } from '../position-embedding.ts';
import type { ResNet } from '../resnet.ts';
import { basicResNet, bottleneckResNet, type ResNetOptions } from '../resnets.ts';
import { VisionTransformer, type VisionTransformerConfig } from '../vision-transformer.ts';
import { type Architecture, describeArchitecture, readArchitecture, vitTokens } from './architecture.ts';
import { toldHeads } from './heads.ts';
import { checkGrid, clipImage, type LoadWeightsOptions, loadWeights } from './load.ts';
import { planWeights, type WeightPlan } from './plan.ts';
import { type PlaceGrid, type PositionTable, readPositionTable } from './position-table.ts';
import type { WeightSource } from './source.ts';

type Loading = Pick<LoadWeightsOptions, 'resizePositions' | 'positionGrid'> & {
  /** Whether to load the classifier too; default false. */
  readonly classifier?: boolean;
};

/**
 * Builds a ResNet or ResNeXt with the sizes of a checkpoint and loads its weights, in evaluation mode.
 *
 * Prefixes that training code adds to names (`module.`, `model.`, `backbone.`, `_orig_mod.`, …) are ignored. Tensors
 * that do not belong to the network are refused; for such checkpoints use `loadWeights` with `partial`.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken; OptionError
 */
export async function loadResNet(
  source: WeightSource,
  options: Pick<ResNetOptions, 'halveMap' | 'recompute'> & Pick<Loading, 'classifier'> = {},
): Promise<ResNet> {
  checkOptionNames('loadResNet', options, ['halveMap', 'recompute', 'classifier']);
  const { classifier = false, ...others } = options;
  checkFlags('loadResNet', { 'options.classifier': classifier });
  const { kind, shape, classes } = expectKind('loadResNet', planWeights(source), 'resnet', 'basic-resnet');
  const all = { ...others, ...(classifier && classes !== undefined && { classes }) };
  if (kind === 'basic-resnet' && !shape.deep) checkStem(shape.kernel);
  return filled(kind === 'resnet' ? bottleneckResNet(shape, all) : basicResNet(shape, all), source, {});
}

/** Checks the kernel of the first convolution. @throws DataError if its stride and pooling are unknown */
function checkStem(kernel: number): void {
  if (kernel === 7) return;
  throw new DataError({
    where: 'loadResNet',
    argument: 'source',
    expected: "weights with ImageNet's first convolution, 7 × 7 of stride 2 before a pooling",
    received: `one of ${kernel} × ${kernel}, whose stride and pooling the weights do not show`,
    hint: 'Build a ResNet with its configuration, and load the weights with loadWeights.',
  });
}

/**
 * Builds a vision transformer with the sizes of a checkpoint and loads its weights, in evaluation mode. For another
 * image size the positions are resized, by default with `bicubic`.
 *
 * The number of heads comes from the configuration beside the weights, or from the published network with this width
 * and depth; for others give `options.heads`. If the positions after the class token do not form a square, give
 * `options.imageSize` (if the positions fit it) or `options.positionGrid`.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken, or its heads or positions are
 *   unknown; OptionError
 */
export async function loadVisionTransformer(
  source: WeightSource,
  options: Partial<
    Pick<VisionTransformerConfig, 'imageSize' | 'heads' | 'epsilon' | 'recompute' | 'classPosition' | 'pooling'>
  > &
    Loading = {},
): Promise<VisionTransformer> {
  const where = 'loadVisionTransformer';
  checkOptionNames(where, options, [
    ...[
      'imageSize',
      'heads',
      'epsilon',
      'recompute',
      'classPosition',
      'pooling',
      'classifier',
      'resizePositions',
      'positionGrid',
    ],
  ]);
  const { classifier = false, resizePositions = bicubic, positionGrid, heads, classPosition, ...chosen } = options;
  checkFlags(where, { 'options.classifier': classifier });
  checkFunction(where, 'options.resizePositions', resizePositions);
  const plan = planWeights(source);
  const { classes, ...config } = expectKind(where, plan, 'vit').config;
  const rows = plan.tensors.get('pos_embed')?.shape.at(-2) ?? 0;
  const tokens = vitTokens(plan);
  const { imageSize, table } = placesOf(where, { ...config, rows, tokens, chosen: options.imageSize, positionGrid });
  const network = new VisionTransformer({
    ...config,
    ...chosen,
    imageSize,
    heads: heads ?? toldHeads(where, config.heads, config.width),
    ...(tokens > 0 && { classPosition: classPosition ?? table.tokenRows > 0 }),
    ...(classifier && classes !== undefined && { classes }),
  });
  return filled(network, source, { resizePositions, positionGrid: table.grid });
}

/**
 * Builds CLIP's image tower with the sizes of a checkpoint and loads its weights, in evaluation mode. The checkpoint
 * may contain the image tower or both towers. For another image size the positions are resized, by default with
 * `bicubic`.
 *
 * The number of heads comes from the configuration beside the weights, or from the published tower with this width and
 * depth; for others give `options.heads`. `options.quickGelu` defaults to the configuration; without one to true, as in
 * OpenAI's weights.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken, or its heads or positions are
 *   unknown; OptionError
 */
export async function loadClipImage(
  source: WeightSource,
  options: Partial<Pick<ClipVisionTransformerConfig, 'imageSize' | 'heads' | 'quickGelu' | 'recompute'>> &
    Pick<Loading, 'resizePositions' | 'positionGrid'> = {},
): Promise<ClipVisionTransformer | ClipResNet> {
  const where = 'loadClipImage';
  checkOptionNames(where, options, [
    ...['imageSize', 'heads', 'quickGelu', 'recompute', 'resizePositions', 'positionGrid'],
  ]);
  const { resizePositions = bicubic, positionGrid, quickGelu, heads, ...chosen } = options;
  checkFunction(where, 'options.resizePositions', resizePositions);
  const plan = planWeights(source);
  const { kind, config } = expectKind(where, plan, 'clip-vit', 'clip-resnet');
  const [patchSize, tokens, name] =
    kind === 'clip-vit'
      ? [config.patchSize, config.width, 'visual.positional_embedding']
      : [4 * 2 ** (config.blocks.length - 1), 32 * config.width, 'visual.attnpool.positional_embedding'];
  const rows = plan.tensors.get(name)?.shape.at(-2) ?? 0;
  const places = { imageSize: config.imageSize, patchSize, rows, tokens: 1, chosen: options.imageSize, positionGrid };
  const { imageSize, table } = placesOf(where, places);
  const told = { imageSize, heads: heads ?? toldHeads(where, config.heads, tokens) };
  const network =
    kind === 'clip-vit'
      ? new ClipVisionTransformer({ ...config, ...(quickGelu !== undefined && { quickGelu }), ...chosen, ...told })
      : new ClipResNet({ ...config, ...chosen, ...told });
  return filled(network, source, { resizePositions, positionGrid: table.grid, select: clipImage });
}

interface Places {
  /** The image size, if rows and configuration show it. */
  readonly imageSize: Pair | undefined;
  readonly patchSize: number;
  /** Number of rows of the checkpoint's table. */
  readonly rows: number;
  /** Number of tokens before the patches that may have rows. */
  readonly tokens: number;
  /** The requested image size. */
  readonly chosen: Pair | undefined;
  readonly positionGrid: PlaceGrid | undefined;
}

/** The image size of the network, and how to read the checkpoint's table of positions. */
function placesOf(
  where: string,
  { imageSize, patchSize, rows, tokens, chosen, positionGrid }: Places,
): { readonly imageSize: Pair; readonly table: PositionTable } {
  const grid = chosen === undefined ? undefined : patchGrid(where, chosen, patchSize);
  const told =
    imageSize === undefined ? undefined : readPositionTable(rows, tokens, patchGrid(where, imageSize, patchSize));
  if (positionGrid) checkGrid(where, positionGrid);
  const fitting = grid && readPositionTable(rows, tokens, grid);
  // Without rows for tokens, the checkpoint's own reading is just as possible.
  const isFitting = fitting && (fitting.tokenRows === tokens || !told);
  const table = positionGrid ? readPositionTable(rows, tokens, positionGrid) : isFitting ? fitting : told;
  if (table) {
    const own = table.grid.map((count) => count * patchSize) as [number, number];
    return { imageSize: chosen ?? own, table };
  }
  const wanted = positionGrid ? `rows for ${positionGrid.join(' × ')} places` : 'rows for a square of places';
  throw new DataError({
    where,
    argument: 'the positions',
    expected: `${wanted}, after one for the class token`,
    received: `${rows} rows`,
    hint: 'For other tables, also without a class token row, give the option positionGrid, [rows, columns].',
  });
}

async function filled<Network extends Module>(
  network: Network,
  source: WeightSource,
  options: LoadWeightsOptions,
): Promise<Network> {
  try {
    await loadWeights(network, source, options);
  } catch (error) {
    network.dispose();
    throw error;
  }
  return network.eval();
}

function expectKind<Kind extends Architecture['kind']>(
  where: string,
  plan: WeightPlan,
  ...kinds: Kind[]
): Extract<Architecture, { kind: Kind }> {
  const architecture = readArchitecture(plan);
  const isExpected = (found: Architecture): found is Extract<Architecture, { kind: Kind }> =>
    (kinds as string[]).includes(found.kind);
  if (isExpected(architecture)) return architecture;
  throw new DataError({
    where,
    argument: 'source',
    expected: `the weights of a network of kind ${kinds.join(' or ')}`,
    received: describeArchitecture(architecture),
  });
}
