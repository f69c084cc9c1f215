import { OptionError } from './errors.ts';
import { isBatchNorm } from './layers/batch-norm.ts';
import type { Module } from './module.ts';

/**
 * What of a pretrained network a method leaves as it is, as regular expressions over names: `''` matches all of them,
 * null none.
 */
export interface Freezing {
  /** State names of the parameters that do not train. */
  readonly parameters: string | null;
  /** Names of the batch norms that use their running statistics, and leave them, in training too. */
  readonly statistics: string | null;
}

/**
 * Freezes parts of a network for good: a later `train()` leaves the frozen norms as they are.
 *
 * @returns how many parameters and how many batch norms it froze
 * @throws OptionError for what is no regular expression, and for one that matches none of the network's names, which is
 * mostly a pattern for another network; a network without parameters, or without batch norms, suits any
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

/** Whether a text is a regular expression. */
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
  if (!isPattern(pattern)) return refuse('a regular expression or null', "'' matches every name, null none.");
  const found = new Set(names.filter((name) => name.search(new RegExp(pattern)) >= 0));
  if (found.size > 0 || names.length === 0) return found;
  return refuse(
    `a pattern that fits the names of the network, such as ${names[0]}`,
    `Published patterns are for ResNets; ${argument}: null freezes nothing.`,
  );
}
