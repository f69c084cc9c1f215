import type { HostTensor } from '@ltml/tensor';

/** What the names of a model's tensors begin with, by whose they are. */
export const learnerPrefix = 'learner.';
export const encoderPrefix = 'encoder.';
/** Of the text tower that a method reads labels by. */
export const textPrefix = 'text.';

export function withPrefix(prefix: string, tensors: ReadonlyMap<string, HostTensor>): [string, HostTensor][] {
  return [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor]);
}

/** The tensors whose names begin so, without that beginning. */
export function under(tensors: ReadonlyMap<string, HostTensor>, prefix: string): Map<string, HostTensor> {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}
