import { checkCount, checkNumber, type ParameterGroup } from '@ltml/tensor';
import type { Module, NamedParameter } from '@ltml/tensor/contract';

/** Options of {@link layerDecayGroups}. */
export interface LayerDecayOptions {
  /** Learning rate of the last layer. */
  readonly learningRate: number;
  /** Weight decay of parameters with two axes or more. */
  readonly weightDecay: number;
  /** Learning rate of a layer divided by that of the layer above, in (0, 1]. */
  readonly layerDecay: number;
  /** D, the index of the last layer; see {@link lastLayer}. */
  readonly depth: number;
}

/**
 * Layer-wise learning-rate decay: groups parameters by layer. Layer i has the rate `learningRate · layerDecay^(D − i)`.
 *
 * Weight decay applies to parameters with two axes or more, so not to biases, norms and a class token.
 *
 * @throws OptionError
 *
 * Source: the released code of MKT, with 0.65 for the layer decay; Bao et al. (BEiT), ICLR 2022.
 */
export function layerDecayGroups(parameters: Iterable<NamedParameter>, options: LayerDecayOptions): ParameterGroup[] {
  const where = 'layerDecayGroups';
  const { learningRate, weightDecay, layerDecay, depth } = options;
  checkNumber(where, 'options.learningRate', learningRate, { min: 0 });
  checkNumber(where, 'options.weightDecay', weightDecay, { min: 0 });
  checkNumber(where, 'options.layerDecay', layerDecay, { above: 0, max: 1 });
  checkCount(where, 'options.depth', depth);
  const groups = new Map<string, { parameters: NamedParameter[]; learningRate: number; weightDecay: number }>();
  for (const named of parameters) {
    const [name, { shape }] = named;
    const layer = Math.min(layerOf(name) ?? depth, depth);
    const decays = shape.length > 1 && !name.endsWith('cls_token');
    const group = groups.get(`${layer} ${decays}`) ?? {
      parameters: [],
      learningRate: learningRate * layerDecay ** (depth - layer),
      weightDecay: decays ? weightDecay : 0,
    };
    group.parameters.push(named);
    groups.set(`${layer} ${decays}`, group);
  }
  return [...groups.values()];
}

/**
 * Freezes all layers up to a given one. −1 freezes nothing, {@link lastLayer} freezes everything.
 *
 * @returns the names of the frozen parameters
 * @throws OptionError
 */
export function freezeLayers(student: Module, upTo: number): string[] {
  const depth = lastLayer(student);
  checkCount('freezeLayers', 'upTo', upTo, { min: -1, max: depth });
  const frozen: string[] = [];
  for (const [name, parameter] of student.namedParameters()) {
    if ((layerOf(name) ?? depth) > upTo) continue;
    parameter.trainable = false;
    frozen.push(name);
  }
  return frozen;
}

/** D, the index of the last layer: 1 + the number of blocks of a transformer, or of stages of a ResNet. */
export function lastLayer(student: Module): number {
  return 1 + Math.max(0, ...[...student.namedParameters()].map(([name]) => layerOf(name) ?? 0));
}

const stem =
  /^(student\.)?(trunk\.)?(class_embedding|cls_token|dist_token|reg_token|positional_embedding|pos_embed|patch_embed|conv[123]|bn[123]|ln_pre)\b/;

/**
 * The layer of a parameter, from its name: 0 before the blocks, i + 1 in block i, undefined after the blocks. It knows
 * the names of CLIP's towers, of timm's vision transformers, and of ResNets.
 */
function layerOf(name: string): number | undefined {
  const block = /(?:^|\.)(?:resblocks|blocks)\.(\d+)\./.exec(name);
  if (block) return Number(block[1]) + 1;
  // The stages of a ResNet count from 1.
  const stage = /(?:^|\.)layer(\d+)\./.exec(name);
  if (stage) return Number(stage[1]);
  return stem.test(name) ? 0 : undefined;
}
