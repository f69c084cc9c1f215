import type * as tf from '@tensorflow/tfjs-core';
import type { StepResult } from '../gradients.ts';
import type { Parameter } from '../module.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import type { Schedule } from '../optim/schedules.ts';
import type { RandomStreams } from '../random.ts';
import type { Batch, BatchInputs } from './batch.ts';
import type { ViewSizes } from './views.ts';

/** A parameter with its state name, as `module.trainableParameters()` yields it. */
export type NamedParameter = readonly [name: string, parameter: Parameter];

/**
 * What a step knows besides its batch. One object serves the whole stage, and its numbers change from step to step. A
 * compiled step reads a number through `fromHost(…)`, and reports a change of behaviour through {@link Stage.mode}.
 */
export interface StepContext {
  /** Number of finished optimiser steps in this stage. */
  readonly step: number;
  /** Number of optimiser steps in the whole stage. */
  readonly totalSteps: number;
  /** Number of finished epochs in this stage. */
  readonly epoch: number;
  /** Number of epochs in the whole stage. */
  readonly epochs: number;
  /** The random streams for dropout, augmentation and masks. */
  readonly random: RandomStreams;
  /**
   * Gathers the rows of all ranks: from [b, …], with a row for each image of this rank's share, to [B, …], the whole
   * batch. With one rank it returns the tensor itself. Use it inside the step of a stage with {@link Stage.shares}.
   */
  gather<T extends tf.Tensor>(rows: T): T;
}

/** One phase of training: what is trained, for how long and with which optimiser. */
export interface Stage {
  readonly name: string;
  readonly epochs: number;
  /** State names of the parameters that train in this stage; default every trainable one. */
  readonly trains?: RegExp;
  /** The sizes of the views if the stage needs several views of an image; default one view, as for prediction. */
  readonly views?: ViewSizes;
  /**
   * `false`: the stage passes over the images without gradients. Its step collects statistics in buffers, which it may
   * assign. Its loss is only logged, and the optimiser has nothing to do. Left out by a stage that trains.
   */
  readonly gradient?: false;
  /**
   * Whether the ranks divide a batch. The inputs of {@link step} are then this rank's share of the images, while labels
   * and `known` cover the whole batch. The step encodes its images, calls {@link StepContext.gather} on the result, and
   * continues with the whole batch as a single rank would. Default: every rank computes the whole batch.
   */
  readonly shares?: boolean;
  /** A pure forward pass over a training batch: no host reads, and no random numbers except from `context.random`. */
  step(batch: Batch<BatchInputs>, context: StepContext): StepResult;
  /**
   * Names what {@link step} does at this moment, if that changes during the stage, e.g. when a loss term starts later.
   * A compiled step is recorded once for each name.
   */
  mode?(context: StepContext): string;
  /**
   * Called after the optimiser's update, e.g. for a momentum encoder or a queue. It is part of the step; the same rules
   * apply.
   */
  afterStep?(context: StepContext): void;
  /** Called before the batches of an epoch, e.g. to recompute prototypes. */
  onEpochStart?(context: StepContext): void | Promise<void>;
  /** Called before each evaluation, during and after the stage, to update what the learner derives from its state. */
  beforeEvaluation?(): void | Promise<void>;
  /** Builds the optimiser over the parameters that train in this stage. */
  optimizer(parameters: readonly NamedParameter[]): Optimizer;
  /** The learning rates over the `totalSteps` steps of the stage. */
  schedule(totalSteps: number): Schedule;
  /** Global L2 norm to which gradients are clipped; default no clipping. */
  readonly maxGradientNorm?: number;
  /**
   * Decay of an exponential moving average of the weights, which evaluation then uses; default the weights themselves.
   */
  readonly averageDecay?: number;
  /** Whether scores are meaningful during this stage, so that it is evaluated; default true. False for pretraining. */
  readonly evaluated?: boolean;
  /** Whether the loss accepts labels between 0 and 1, as mixed images have. Default false: `fit` then refuses them. */
  readonly softLabels?: boolean;
  /** How the loss reduces over the images of a batch, needed to accumulate gradients; default `mean`. */
  readonly lossReduction?: 'mean' | 'sum';
}
