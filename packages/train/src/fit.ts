import type { BatchLoader, Dataset } from '@ltml/data';
import type { Scores } from '@ltml/metrics';
import { checkOptionNames, OptionError, type RandomStreams } from '@ltml/tensor';
import type { Learner } from '@ltml/tensor/contract';
import type { CheckpointStore } from './checkpoint.ts';
import type { Observer } from './observer.ts';
import { Run } from './run.ts';
import type { SelectionOptions } from './selection.ts';

/** What the engine needs of a loader; `BatchLoader` of `@ltml/data` is one. */
export type TrainLoader = Pick<BatchLoader, 'batchesPerEpoch' | 'epoch' | 'exportState' | 'importState'>;

export interface Validation {
  readonly dataset: Dataset;
  /** Images at a time; default 64. */
  readonly batchSize?: number;
  /** Epochs from one evaluation to the next; default 1. The last epoch of a stage is always evaluated. */
  readonly every?: number;
  /** Named numbers for the log and for selection; {@link averagePrecisionMetrics} makes the usual ones. */
  metrics(scores: Scores): Readonly<Record<string, number>>;
}

export interface CheckpointOptions {
  readonly store: CheckpointStore;
  /** Optimiser steps from one checkpoint to the next, besides the one after each epoch. */
  readonly everySteps?: number;
  /** Go on from the store's newest checkpoint, if it has one; default false. */
  readonly resume?: boolean;
  /** Identifies the configuration; a checkpoint of another one is refused. */
  readonly configHash?: string;
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
  readonly validation?: Validation;
  /** Keep the best weights of the last stage by a validation metric, and stop it early; the final ones if left out. */
  readonly selection?: SelectionOptions;
  readonly checkpoints?: CheckpointOptions;
  readonly observers?: readonly Observer[];
  /** Run steps op by op even where the engine can compile them; default false. */
  readonly eager?: boolean;
  /** Stops the run after the step in progress, with a checkpoint. */
  readonly signal?: AbortSignal;
}

export interface FitResult {
  /** Why the run ended: all epochs done, patience used up, or the signal. */
  readonly outcome: 'finished' | 'stopped-early' | 'aborted';
  /** Optimiser steps done. */
  readonly steps: number;
  /** Metrics of the last evaluation, if there was one in this process. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** The best evaluation, where there is a selection. The learner holds its weights now. */
  readonly best?: { readonly value: number; readonly step: number };
}

/**
 * Trains a learner through its stages.
 *
 * A step is: forward and gradient of each batch, put together over `accumulate` batches; clipping; the optimiser's
 * update at the schedule's rates; the averaged weights; the learner's `afterStep`. All tensors of a step are disposed of.
 * An epoch ends with its evaluation and a checkpoint. Loss and terms are read from the device one step late, so that an
 * engine that computes ahead is never stalled.
 *
 * A run that goes on from a checkpoint gives, on the same engine, the very numbers of the uninterrupted one. For that
 * `learner`, the loaders and `random` must be built as they were at the start.
 *
 * @throws DataError when the loss is not finite, naming stage, epoch, step and images; what a checkpoint holds is from
 * before that
 * @throws OptionError on unknown options, and on a checkpoint of another configuration
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

function checkFitOptions(options: FitOptions): void {
  checkOptionNames('fit', options, [
    'learner',
    'loader',
    'stageLoaders',
    'random',
    'accumulate',
    'validation',
    'selection',
    'checkpoints',
    'observers',
    'eager',
    'signal',
  ]);
  const { learner, accumulate, validation, selection, checkpoints, loader, stageLoaders = {} } = options;
  const counts = {
    'loader.batchesPerEpoch': loader.batchesPerEpoch,
    ...Object.fromEntries(
      Object.entries(stageLoaders).map(([name, own]) => [`stageLoaders.${name}.batchesPerEpoch`, own.batchesPerEpoch]),
    ),
    accumulate,
    'validation.every': validation?.every,
    'validation.batchSize': validation?.batchSize,
    'selection.patience': selection?.patience,
    'checkpoints.everySteps': checkpoints?.everySteps,
  };
  for (const [name, count] of Object.entries(counts)) {
    if (count === undefined || (Number.isInteger(count) && count > 0)) continue;
    throw new OptionError({
      where: 'fit',
      argument: `options.${name}`,
      expected: 'a whole number from 1',
      received: `${count}`,
    });
  }
  const stages = learner.stages.map(({ name }) => name);
  for (const name of Object.keys(stageLoaders)) {
    if (stages.includes(name)) continue;
    throw new OptionError({
      where: 'fit',
      argument: 'options.stageLoaders',
      expected: `made of the learner's stages, ${stages.join(', ')}`,
      received: `the unknown stage "${name}"`,
    });
  }
  if (selection && !validation) {
    throw new OptionError({
      where: 'fit',
      argument: 'options.validation',
      expected: 'given, since options.selection needs its metrics',
      received: 'nothing',
    });
  }
}
