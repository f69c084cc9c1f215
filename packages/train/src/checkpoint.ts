import type { LoaderState } from '@ltml/data';
import { type HostTensor, NotSupportedError, OptionError, type RandomState } from '@ltml/tensor';
import type { Cursor } from './observer.ts';
import type { SelectionState } from './selection.ts';
import type { EpochTotals } from './totals.ts';

/** What a checkpoint holds besides tensors; plain JSON. */
export interface CheckpointState {
  /** Version of this form. */
  readonly version: 1;
  readonly cursor: Cursor;
  /** The streams of the run by name; see `RandomStreams.state`. */
  readonly random: Readonly<Record<string, RandomState>>;
  /** Of the loader of each stage, in their order. */
  readonly loaders: readonly LoaderState[];
  readonly selection: SelectionState;
  /** Loss and terms of the epoch so far, summed over images. */
  readonly totals: EpochTotals;
  /** Hash of the configuration that the run was started with. */
  readonly configHash?: string;
  /** The engine that computed it: only the same one goes on bit for bit. */
  readonly backend: string;
}

/** A run at one moment, complete: what goes on from it computes what the run would have computed. */
export interface Checkpoint {
  /** `model.…` parameters and buffers, `optimizer.…` slots, `average.…` averaged weights. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly state: CheckpointState;
}

/** Where checkpoints are kept: a folder (`@ltml/train/node`), or memory. */
export interface CheckpointStore {
  /** Keeps a checkpoint; the one before is intact until the new one is safe. */
  save(checkpoint: Checkpoint): Promise<void>;
  /** The newest checkpoint that is sound, if there is any. */
  load(): Promise<Checkpoint | undefined>;
  /** Keeps the weights of the best evaluation so far, by state name. */
  saveBest(weights: ReadonlyMap<string, HostTensor>): Promise<void>;
  loadBest(): Promise<ReadonlyMap<string, HostTensor> | undefined>;
}

/** A store that lasts as long as the process. */
export function memoryCheckpoints(): CheckpointStore {
  let last: Checkpoint | undefined;
  let best: ReadonlyMap<string, HostTensor> | undefined;
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

/**
 * Refuses a checkpoint of another form or another configuration.
 *
 * @throws NotSupportedError, OptionError
 */
export function checkOrigin(state: CheckpointState, configHash: string | undefined): void {
  if (state.version !== 1) {
    throw new NotSupportedError({
      where: 'fit',
      argument: 'the checkpoint',
      expected: 'of form 1',
      received: `form ${state.version}`,
      hint: 'Another version of @ltml/train wrote it.',
    });
  }
  if (state.configHash === configHash) return;
  throw new OptionError({
    where: 'fit',
    argument: 'options.checkpoints.configHash',
    expected: `that of the checkpoint, ${state.configHash}`,
    received: `${configHash}`,
    hint: 'The configuration changed since the checkpoint was written: start a new run, or set it back.',
  });
}
