import type { BatchLoader, InputParts, InputSource } from '@ltml/data';
import type { Precision, RandomStreams } from '@ltml/tensor';
import type { Communicator, Learner } from '@ltml/tensor/contract';
import type { CheckpointStore } from './checkpoint.ts';
import type { Observer } from './observer.ts';
import type { SelectionOptions } from './selection.ts';
import type { Validation } from './validation.ts';

/** What the engine needs of a loader; `BatchLoader` of `@ltml/data` is one. */
export type TrainLoader = Pick<
  BatchLoader<InputSource | InputParts>,
  'batchesPerEpoch' | 'epoch' | 'exportState' | 'importState'
>;

/** Where checkpoints go, and when they are saved. */
export interface CheckpointOptions {
  readonly store: CheckpointStore;
  /** Optimiser steps from one checkpoint to the next, besides the one after each epoch. */
  readonly everySteps?: number;
  /** Go on from the store's newest checkpoint, if it has one; default false. */
  readonly resume?: boolean;
  /** Identifies the configuration; a checkpoint of another one is refused. */
  readonly configHash?: string;
  /**
   * Refuse a checkpoint that another engine computed, or steps that were compiled there and are not here, since what
   * follows would differ in its last digits; default false, which warns.
   */
  readonly sameEngine?: boolean;
}

/** What `fit` trains, with what, and how. */
export interface FitOptions {
  readonly learner: Learner;
  readonly loader: TrainLoader;
  /**
   * Loaders of single stages by their names, where a stage draws or augments its images in another way; `loader` serves
   * the others. All of them are saved and restored with the run.
   */
  readonly stageLoaders?: Readonly<Record<string, TrainLoader>>;
  /** Where dropout and masks draw from; its streams are saved and restored with the run. */
  readonly random: RandomStreams;
  /**
   * Batches whose gradients make one optimiser step; default 1. An epoch ends with a smaller step if it must. How
   * batches are put together: `lossReduction` of the stage.
   */
  readonly accumulate?: number;
  /**
   * Optimiser steps of a stage, by its name; default: all steps of its epochs. A stage may end within an epoch. The rest of
   * that epoch is then not drawn, and the epoch is evaluated and logged like the others.
   */
  readonly stageSteps?: Readonly<Record<string, number>>;
  readonly validation?: Validation;
  /** Keep the best weights of the last stage by a validation metric, and stop it early; the final ones if left out. */
  readonly selection?: SelectionOptions;
  readonly checkpoints?: CheckpointOptions;
  readonly observers?: readonly Observer[];
  /**
   * Joins the ranks that train together, each in its own process with the same options. Batches are those of one rank alone;
   * a stage that can shares their images. Rank 0 keeps the checkpoints, in its store. Default: one rank.
   */
  readonly communicator?: Communicator;
  /** Run steps op by op even where the engine can compile them; default false. */
  readonly eager?: boolean;
  /** What compiled steps compute in, see `compile` of `@ltml/tensor`; default float32. */
  readonly precision?: Precision;
  /** Stops the run after the step or the batch of an evaluation in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** How training ended. */
export interface FitResult {
  /** Why the run ended: all epochs done, patience used up, or the signal. */
  readonly outcome: 'finished' | 'stopped-early' | 'aborted';
  /** Optimiser steps done. */
  readonly steps: number;
  /** Metrics of the last evaluation, if there was one. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** The best evaluation, where there is a selection. The learner holds its weights now. */
  readonly best?: { readonly value: number; readonly step: number };
}
