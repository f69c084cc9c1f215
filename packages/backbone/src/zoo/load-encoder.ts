import { checkOptionNames, DataError, type Pair } from '@ltml/tensor';
import { checkFlags } from '../check-sizes.ts';
import { patchGrid } from '../patches.ts';
import { type Architecture, describeArchitecture, readArchitecture, vitTokens } from '../weights/architecture.ts';
import type { WeightLayout } from '../weights/layouts.ts';
import { loadWeights } from '../weights/load.ts';
import { loadClipImage, loadResNet, loadVisionTransformer } from '../weights/load-networks.ts';
import { planWeights, type WeightPlan } from '../weights/plan.ts';
import { type PlaceGrid, readPositionTable } from '../weights/position-table.ts';
import type { WeightSource } from '../weights/source.ts';
import { buildEncoder, type EncoderNetwork } from './build-encoder.ts';
import type { ZooEncoder, ZooNetwork } from './zoo-encoder.ts';

/** Options of {@link loadEncoder}. */
export interface LoadEncoderOptions {
  /** In pixels, or [height, width]; default that of the weights. Positions are resized to it. */
  readonly imageSize?: Pair;
  /** Recomputes activations in the backward pass instead of storing them, to save memory; default false. */
  readonly recompute?: boolean;
}

/**
 * Builds the image network of an encoder of the zoo and loads a checkpoint in any known layout, in evaluation mode.
 * What weights do not show, e.g. the heads, comes from the encoder, unless the configuration beside them says
 * otherwise.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken; OptionError
 */
export async function loadEncoder(
  encoder: ZooEncoder,
  source: WeightSource,
  options: LoadEncoderOptions = {},
): Promise<EncoderNetwork> {
  checkOptionNames('loadEncoder', options, ['imageSize', 'recompute']);
  const { imageSize, recompute = false } = options;
  checkFlags('loadEncoder', { recompute });
  const { name, network } = encoder;
  if (network.kind === 'resnet-tiny' || network.kind === 'tiny-clip') {
    const tiny = buildEncoder(encoder);
    await loadWeights(tiny, source, { layout: ownNames });
    return tiny.eval();
  }
  const plan = planWeights(source);
  const found = readArchitecture(plan);
  const difference = differenceOf(network, found);
  if (difference !== undefined) {
    const received = `those of another network: ${describeArchitecture(found)}${difference}`;
    throw new DataError({ where: 'loadEncoder', argument: 'source', expected: `weights of ${name}`, received });
  }
  const size = imageSize !== undefined && { imageSize };
  switch (network.kind) {
    case 'resnet':
    case 'basic-resnet':
      return loadResNet(source, { recompute });
    case 'vit': {
      const { heads, epsilon = 1e-6, classPosition = true, pooling } = network.config;
      const own = { heads, epsilon, classPosition, ...(pooling && { pooling }) };
      return loadVisionTransformer(source, { ...own, recompute, ...size, ...gridOf(encoder, plan, imageSize) });
    }
    case 'clip-vit': {
      const { quickGelu = true, heads } = network.config;
      return loadClipImage(source, { recompute, quickGelu, ...(heads !== undefined && { heads }), ...size });
    }
    case 'clip-resnet': {
      const { heads } = network.config;
      return loadClipImage(source, { recompute, ...(heads !== undefined && { heads }), ...size });
    }
  }
}

/** The grid of the encoder's own image size, for a table of positions that does not show its grid. */
function gridOf(
  { imageSize: own }: ZooEncoder,
  plan: WeightPlan,
  chosen: Pair | undefined,
): { readonly positionGrid?: PlaceGrid } {
  const rows = plan.tensors.get('pos_embed')?.shape.at(-2) ?? 0;
  const patchSize = plan.tensors.get('patch_embed.proj.weight')?.shape.at(-1) ?? 1;
  const tokens = vitTokens(plan);
  const fits = (size: Pair): boolean =>
    readPositionTable(rows, tokens, patchGrid('loadEncoder', size, patchSize)) !== undefined;
  const isTold = readPositionTable(rows, tokens) !== undefined || (chosen !== undefined && fits(chosen));
  return !isTold && fits(own) ? { positionGrid: patchGrid('loadEncoder', own, patchSize) } : {};
}

/** The layout of the networks that only this package has. */
const ownNames: WeightLayout = { name: 'LTML', family: 'resnet', signature: [], place: (name) => ({ name }) };

/** Properties in which a checkpoint may differ: the network is built for them, or they have no visible effect. */
const open = ['imageSize', 'epsilon', 'classes', 'classPosition', 'pooling'];
/** Properties that shapes do not show: they differ only if a configuration says so. */
const untold = ['heads', 'quickGelu'];
const usual: Readonly<Record<string, unknown>> = { quickGelu: true, classToken: true };

/** The size in which two networks differ, as the end of a description; undefined if there is no difference. */
function differenceOf(network: ZooNetwork, found: Architecture): string | undefined {
  if (network.kind !== found.kind) return '';
  const [wanted, told] = [sizesOf(network), sizesOf(found)];
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(told)])];
  const differing = names.find((size) => {
    if (open.includes(size) || (untold.includes(size) && told[size] === undefined)) return false;
    return JSON.stringify(wanted[size] ?? usual[size]) !== JSON.stringify(told[size] ?? usual[size]);
  });
  return differing && `; ${differing} ${told[differing] ?? usual[differing]}`;
}

function sizesOf(network: ZooNetwork | Architecture): Readonly<Record<string, unknown>> {
  if ('shape' in network) return { ...network.shape };
  return 'config' in network ? { ...network.config } : {};
}
