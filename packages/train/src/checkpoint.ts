import type { HostTensor } from '@ltml/tensor';
import type { CheckpointState } from './checkpoint-state.ts';

/**
 * The complete state of a run at one moment. A run that resumes from it computes what the original run would have
 * computed.
 */
export interface Checkpoint {
  /** `model.…`: parameters and buffers; `optimizer.…`: optimiser state; `average.…`: averaged weights. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  /** Everything except tensors. */
  readonly state: CheckpointState;
}

/** The weights of the best evaluation. */
export interface BestWeights {
  /** Optimiser steps of the run at that evaluation. */
  readonly step: number;
  /** Parameters and buffers by state name. */
  readonly weights: ReadonlyMap<string, HostTensor>;
}

/** Stores checkpoints: in a folder (`@ltml/train/node`) or in memory. */
export interface CheckpointStore {
  /** Saves a checkpoint. The previous one stays intact until the new one is safe. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** The newest checkpoint; undefined if there is none. @throws DataError if it is damaged */
  load(): Promise<Checkpoint | undefined>;
  /** Saves the weights of the best evaluation. */
  saveBest(best: BestWeights): Promise<void>;
  /** The best weights saved last; undefined if there are none. @throws DataError if they are damaged */
  loadBest(): Promise<BestWeights | undefined>;
}

/** Stores checkpoints in memory; they are lost when the process ends. */
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

/** Joins several maps of tensors, each under its own prefix. */
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
