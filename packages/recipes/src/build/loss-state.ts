import type { HostTensor, Module } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';

/** What the loss of a learner remembers is state of the learner while it is trained, under this name. */
const field = 'loss';

/** Puts what a loss remembers among the state of a learner, which then disposes of it. */
export function rememberLoss(learner: Learner, state: Module): void {
  Object.assign(learner, { [field]: state });
}

/** The state of a learner without what its loss remembers, which a model needs no more. */
export function withoutLoss(state: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map([...state].filter(([name]) => !name.startsWith(`${field}.`)));
}
