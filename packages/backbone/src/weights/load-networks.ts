import { checkOptionNames, DataError, type Module } from '@ltml/tensor';
import { ClipResNet } from '../clip-resnet.ts';
import { ClipVisionTransformer, type ClipVisionTransformerConfig } from '../clip-vision-transformer.ts';
import { bicubic } from '../position-embedding.ts';
import type { ResNet } from '../resnet.ts';
import { bottleneckResNet, type ResNetOptions } from '../resnets.ts';
import { VisionTransformer, type VisionTransformerConfig } from '../vision-transformer.ts';
import { type Architecture, describeArchitecture, readArchitecture } from './architecture.ts';
import { clipImage, type LoadWeightsOptions, loadWeights } from './load.ts';
import { planWeights } from './plan.ts';
import type { WeightSource } from './source.ts';

type Loading = Pick<LoadWeightsOptions, 'resizePositions'> & {
  /** Whether the classifier is loaded too; default false. */
  readonly classifier?: boolean;
};

/**
 * A ResNet or ResNeXt of the sizes that a checkpoint has, with its weights, in evaluation mode.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken
 */
export async function loadResNet(
  source: WeightSource,
  options: Pick<ResNetOptions, 'halveMap' | 'recompute'> & Pick<Loading, 'classifier'> = {},
): Promise<ResNet> {
  checkOptionNames('loadResNet', options, ['halveMap', 'recompute', 'classifier']);
  const { classifier = false, ...others } = options;
  const { shape, classes } = expectKind('loadResNet', source, 'resnet');
  return filled(bottleneckResNet(shape, { ...others, ...(classifier && classes && { classes }) }), source, {});
}

/**
 * A vision transformer of the sizes that a checkpoint has, with its weights, in evaluation mode. Positions are resized
 * (`bicubic` unless told otherwise) if another image size is asked for.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken
 */
export async function loadVisionTransformer(
  source: WeightSource,
  options: Partial<Pick<VisionTransformerConfig, 'imageSize' | 'heads' | 'epsilon' | 'recompute'>> & Loading = {},
): Promise<VisionTransformer> {
  checkOptionNames('loadVisionTransformer', options, [
    ...['imageSize', 'heads', 'epsilon', 'recompute', 'classifier', 'resizePositions'],
  ]);
  const { classifier = false, resizePositions = bicubic, ...chosen } = options;
  const { classes, ...config } = expectKind('loadVisionTransformer', source, 'vit').config;
  const network = new VisionTransformer({ ...config, ...chosen, ...(classifier && classes && { classes }) });
  return filled(network, source, { resizePositions });
}

/**
 * CLIP's image tower of the sizes that a checkpoint has, be it of the tower or of both, with its weights, in evaluation
 * mode. Positions are resized (`bicubic` unless told otherwise) if another image size is asked for.
 *
 * @throws DataError if the checkpoint is of another network, incomplete or broken
 */
export async function loadClipImage(
  source: WeightSource,
  options: Partial<Pick<ClipVisionTransformerConfig, 'imageSize' | 'heads' | 'quickGelu' | 'recompute'>> &
    Pick<Loading, 'resizePositions'> = {},
): Promise<ClipVisionTransformer | ClipResNet> {
  checkOptionNames('loadClipImage', options, ['imageSize', 'heads', 'quickGelu', 'recompute', 'resizePositions']);
  const { resizePositions = bicubic, quickGelu = true, ...chosen } = options;
  const { kind, config } = expectKind('loadClipImage', source, 'clip-vit', 'clip-resnet');
  const network =
    kind === 'clip-vit'
      ? new ClipVisionTransformer({ ...config, ...chosen, quickGelu })
      : new ClipResNet({ ...config, ...chosen });
  return filled(network, source, { resizePositions, select: clipImage });
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
  source: WeightSource,
  ...kinds: Kind[]
): Extract<Architecture, { kind: Kind }> {
  const architecture = readArchitecture(planWeights(source));
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
