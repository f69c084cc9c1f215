import type { HostTensor, Module } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';

/** Name of the loss's state in the learner's state during training. */
const field = 'loss';

/** Adds the state of a loss to the learner, which then saves and disposes of it. */
export function rememberLoss(learner: Learner, state: Module): void {
  Object.assign(learner, { [field]: state });
}

/** The state of a learner without that of its loss. A finished model does not need it. */
export function withoutLoss(state: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map([...state].filter(([name]) => !name.startsWith(`${field}.`)));
}
