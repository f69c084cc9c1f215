import { isBatchNorm, type Module } from '@ltml/tensor';

/** What of a backbone a method leaves as it was pretrained. */
export interface Freezing {
  /** State names of the parameters that do not train. */
  readonly parameters: RegExp;
  /** Names of the batch norms that use their running statistics, and leave them, in training too. */
  readonly statistics: RegExp;
}

/**
 * SARB's "first 91 layers": of a ResNet-101 the convolution of the stem and the 3 · (3 + 4 + 23) of the first three
 * stages, with their norms. Only `layer4` trains, and a classifier.
 */
export const sarbFreezing: Freezing = {
  parameters: /^(conv1|bn1|layer[123])\./,
  statistics: /^(bn1$|layer[123]\.)/,
};

/** The Distribution-Balanced loss: stem and first stage do not train, and no norm uses its batch. */
export const distributionBalancedFreezing: Freezing = {
  parameters: /^(conv1|bn1|layer1)\./,
  statistics: /^/,
};

/**
 * MKT: of CLIP's image tower what enters the blocks and the first of them do not train. There are no batch norms.
 *
 * @param layers how many blocks do not train; 10 of 12 in the paper's runs
 */
export function mktFreezing(layers: number): Freezing {
  const blocks = Array.from({ length: layers }, (_, i) => `transformer\\.resblocks\\.${i}\\.`);
  const parts = ['class_embedding$', 'positional_embedding$', 'conv1\\.', 'ln_pre\\.', ...blocks];
  return { parameters: new RegExp(`^(${parts.join('|')})`), statistics: /(?!)/ };
}

/**
 * Freezes a backbone by a method's convention, for good: a later `train()` leaves the frozen norms as they are.
 *
 * @returns how many parameters and how many batch norms it froze
 */
export function freezeBackbone(
  backbone: Module,
  { parameters, statistics }: Freezing,
): { readonly parameters: number; readonly norms: number } {
  let norms = 0;
  for (const [name, module] of backbone.namedModules()) {
    if (!isBatchNorm(module) || name.search(statistics) < 0) continue;
    module.frozenStatistics = true;
    norms++;
  }
  return { parameters: backbone.freeze(parameters), norms };
}
