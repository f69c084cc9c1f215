import type { HostTensor } from '@ltml/tensor';

/** Prefixes of the names of a model's tensors: learner, encoder and text tower. */
export const learnerPrefix = 'learner.';
export const encoderPrefix = 'encoder.';
export const textPrefix = 'text.';

/** Puts a prefix before the names of tensors. */
export function withPrefix(prefix: string, tensors: ReadonlyMap<string, HostTensor>): [string, HostTensor][] {
  return [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor]);
}

/** The tensors whose names begin with a prefix, without the prefix. */
export function under(tensors: ReadonlyMap<string, HostTensor>, prefix: string): Map<string, HostTensor> {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
