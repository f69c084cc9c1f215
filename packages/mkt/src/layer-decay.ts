import { checkCount, checkNumber, type ParameterGroup } from '@ltml/tensor';
import type { Module, NamedParameter } from '@ltml/tensor/contract';

export interface LayerDecayOptions {
  /** Of the last layer. */
  readonly learningRate: number;
  readonly weightDecay: number;
  /** What the rate of each layer is of that of the layer above. */
  readonly layerDecay: number;
  /** D, the id of the last layer; see {@link lastLayer}. */
  readonly depth: number;
}

/**
 * Groups parameters by the depth of their layer: the rate of layer i is `learningRate · layerDecay^(D − i)`.
 *
 * Weights decay, but not what has one axis (biases, norms, a class token).
 *
 * @throws OptionError
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
 * Stops training of what lies in layers up to the given one; −1 trains all, {@link lastLayer} nothing.
 *
 * @returns the names of the frozen ones
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

/** D: one more than the blocks of a student, or than the stages of a ResNet. */
export function lastLayer(student: Module): number {
  return 1 + Math.max(0, ...[...student.namedParameters()].map(([name]) => layerOf(name) ?? 0));
}

const stem =
  /^(student\.)?(trunk\.)?(class_embedding|cls_token|dist_token|reg_token|positional_embedding|pos_embed|patch_embed|conv[123]|bn[123]|ln_pre)\b/;

/**
 * The layer that a parameter lies in, by the names of CLIP's towers, of timm's vision transformers and of ResNets, CLIP's too: 0 for
 * what comes before the blocks, i + 1 for block i; undefined for what comes after them.
 */
function layerOf(name: string): number | undefined {
  const block = /(?:^|\.)(?:resblocks|blocks)\.(\d+)\./.exec(name);
  if (block) return Number(block[1]) + 1;
  // The stages of a ResNet count from 1.
  const stage = /(?:^|\.)layer(\d+)\./.exec(name);
  if (stage) return Number(stage[1]);
  return stem.test(name) ? 0 : undefined;
}
