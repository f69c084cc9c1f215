import { checkOptionNames, DataError, type Pair } from '@ltml/tensor';
import { checkFlags } from '../check-sizes.ts';
import { type Architecture, describeArchitecture, readArchitecture } from '../weights/architecture.ts';
import type { WeightLayout } from '../weights/layouts.ts';
import { loadWeights } from '../weights/load.ts';
import { loadClipImage, loadResNet, loadVisionTransformer } from '../weights/load-networks.ts';
import { planWeights } from '../weights/plan.ts';
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
  const found = readArchitecture(planWeights(source));
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
      const { heads, epsilon = 1e-6 } = network.config;
      return loadVisionTransformer(source, { heads, epsilon, recompute, ...size });
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

/** Of the networks that are none but this package's. */
const ownNames: WeightLayout = { name: 'LTML', family: 'resnet', signature: [], place: (name) => ({ name }) };

/** What checkpoints may have otherwise: the network is made for it, or it changes nothing that shows. */
const open = ['imageSize', 'epsilon', 'classes'];
/** What shapes do not tell: another network only if a configuration says so. */
const untold = ['heads', 'quickGelu'];
const usual: Readonly<Record<string, unknown>> = { quickGelu: true, classPosition: true };

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
