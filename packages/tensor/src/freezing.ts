import { OptionError } from './errors.ts';
import { isBatchNorm } from './layers/batch-norm.ts';
import type { Module } from './module.ts';

/**
 * Which parts of a pretrained network stay frozen: regular expressions over names. `''` matches every name, `null`
 * none.
 */
export interface Freezing {
  /** State names of the parameters that do not train. */
  readonly parameters: string | null;
  /** Names of the batch norms that use their running statistics in training too, and do not update them. */
  readonly statistics: string | null;
}

/**
 * Freezes parts of a network permanently: calling `train()` later does not undo it for the frozen batch norms.
 *
 * @returns the number of frozen parameters and of frozen batch norms
 * @throws OptionError on an invalid regular expression, and on one that matches no name of the network, because it is
 *   then probably meant for another network. Any pattern is accepted if the network has no parameters or no batch norms
 */
export function freezeNetwork(
  network: Module,
  { parameters, statistics }: Freezing,
): { readonly parameters: number; readonly norms: number } {
  const names = Array.from(network.namedParameters(), ([name]) => name);
  const norms = [...network.namedModules()].flatMap(([name, module]) =>
    isBatchNorm(module) ? [[name, module] as const] : [],
  );
  const frozen = matching('freeze.parameters', parameters, names);
  const still = matching(
    'freeze.statistics',
    statistics,
    norms.map(([name]) => name),
  );
  for (const [name, parameter] of network.namedParameters()) if (frozen.has(name)) parameter.trainable = false;
  for (const [name, norm] of norms) if (still.has(name)) norm.frozenStatistics = true;
  return { parameters: frozen.size, norms: still.size };
}

/** Whether a text is a valid regular expression. */
export function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

function matching(argument: string, pattern: string | null, names: readonly string[]): ReadonlySet<string> {
  if (pattern === null) return new Set();
  const refuse = (expected: string, hint: string): never => {
    throw new OptionError({ where: 'freezeNetwork', argument, expected, received: JSON.stringify(pattern), hint });
  };
  if (!isPattern(pattern)) return refuse('a regular expression or null', "'' matches every name, null matches none.");
  const found = new Set(names.filter((name) => name.search(new RegExp(pattern)) >= 0));
  if (found.size > 0 || names.length === 0) return found;
  return refuse(
    `a pattern that matches names of the network, such as ${names[0]}`,
    `Published patterns are for ResNets; ${argument}: null freezes nothing.`,
  );
}
