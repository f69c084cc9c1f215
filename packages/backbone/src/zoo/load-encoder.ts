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

export interface LoadEncoderOptions {
  /** Pixels, or [height, width]; default that of the weights. Positions are resized to it. */
  readonly imageSize?: Pair;
  /** Whether activations are computed anew in the backward pass instead of being kept; default false. */
  readonly recompute?: boolean;
}

/**
 * The image network of an encoder of the zoo with the weights of a checkpoint in any layout that is known, in evaluation
 * mode. What weights do not tell, as the heads, is the encoder's; the configuration beside them may say otherwise.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken
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

/** The grid of the encoder's own size, for a table of positions that by itself does not tell one. */
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

/** Of the networks that are none but this package's. */
const ownNames: WeightLayout = { name: 'LTML', family: 'resnet', signature: [], place: (name) => ({ name }) };

/** What checkpoints may have otherwise: the network is made for it, or it changes nothing that shows. */
const open = ['imageSize', 'epsilon', 'classes', 'classPosition', 'pooling'];
/** What shapes do not tell: another network only if a configuration says so. */
const untold = ['heads', 'quickGelu'];
const usual: Readonly<Record<string, unknown>> = { quickGelu: true, classToken: true };

/** In which size they differ, to follow a description; undefined if in none. */
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
