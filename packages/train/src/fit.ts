import type { BatchLoader, InputParts, InputSource } from '@ltml/data';
import type { Precision, RandomStreams } from '@ltml/tensor';
import type { Communicator, Learner } from '@ltml/tensor/contract';
import { checkFitOptions } from './check-fit-options.ts';
import type { CheckpointStore } from './checkpoint.ts';
import type { Observer } from './observer.ts';
import { Run } from './run.ts';
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
   * Optimiser steps of single stages by their names, where one ends within its last epoch. What is left of that epoch is not
   * drawn; it is evaluated and logged as any other. Left out, a stage has all steps of its epochs.
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

/**
 * Trains a learner through its stages.
 *
 * A step is: forward and gradient of each batch, put together over `accumulate` batches; clipping; the optimiser's
 * update at the schedule's rates; the averaged weights; the stage's `afterStep`. All tensors of a step are disposed of.
 * An epoch ends with its evaluation and a checkpoint. Loss and terms are read from the device one step late, so that an
 * engine that computes ahead is never stalled.
 *
 * A run that goes on from a checkpoint gives, on the same engine, the very numbers of the uninterrupted one. For that
 * `learner`, the loaders and `random` must be built as they were at the start.
 *
 * @throws DataError when the loss is not finite, naming stage, epoch, step and images; what a checkpoint holds is from
 * before that. On a checkpoint whose state is not that of such a run, naming the entry, and on one whose best weights are
 * lost. Nothing is changed then.
 * @throws OptionError on unknown options and values out of their range, on a metric for the selection that is not there,
 * and on a checkpoint of another configuration
 */
export async function fit(options: FitOptions): Promise<FitResult> {
  checkFitOptions(options);
  const run = new Run(options);
  try {
    return await run.run();
  } finally {
    run.dispose();
  }
}
