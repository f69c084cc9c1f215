import type { HostTensor } from '@ltml/tensor';
import type { CheckpointState } from './checkpoint-state.ts';

/** A run at one moment, complete: what goes on from it computes what the run would have computed. */
export interface Checkpoint {
  /** `model.…` parameters and buffers, `optimizer.…` slots, `average.…` averaged weights. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly state: CheckpointState;
}

/** The weights of the best evaluation. */
export interface BestWeights {
  /** Optimiser steps of the run at that evaluation. */
  readonly step: number;
  /** By state name. */
  readonly weights: ReadonlyMap<string, HostTensor>;
}

/** Where checkpoints are kept: a folder (`@ltml/train/node`), or memory. */
export interface CheckpointStore {
  /** Keeps a checkpoint; the one before is intact until the new one is safe. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** The newest checkpoint, if there is any. What is broken is an error, never passed over in silence. */
  load(): Promise<Checkpoint | undefined>;
  saveBest(best: BestWeights): Promise<void>;
  /** What was saved last as the best, if there is any. What is broken is an error. */
  loadBest(): Promise<BestWeights | undefined>;
}

/** A store that lasts as long as the process. */
export function memoryCheckpoints(): CheckpointStore {
  let last: Checkpoint | undefined;
  let best: BestWeights | undefined;
  return {
    save: async (checkpoint) => {
      last = checkpoint;
    },
    load: async () => last,
    saveBest: async (weights) => {
      best = weights;
    },
    loadBest: async () => best,
  };
}

/** Puts several maps of tensors into one, each under its own prefix. */
export function joinTensors(
  parts: Readonly<Record<string, ReadonlyMap<string, HostTensor>>>,
): ReadonlyMap<string, HostTensor> {
  const joined = new Map<string, HostTensor>();
  for (const [prefix, tensors] of Object.entries(parts)) {
    for (const [name, tensor] of tensors) joined.set(`${prefix}.${name}`, tensor);
  }
  return joined;
}

/** The tensors under a prefix, by their names without it. */
export function tensorsUnder(tensors: ReadonlyMap<string, HostTensor>, prefix: string): Map<string, HostTensor> {
  const chosen = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) {
    if (name.startsWith(`${prefix}.`)) chosen.set(name.slice(prefix.length + 1), tensor);
  }
  return chosen;
}
