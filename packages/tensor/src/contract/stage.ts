import type * as tf from '@tensorflow/tfjs-core';
import type { StepResult } from '../gradients.ts';
import type { Parameter } from '../module.ts';
import type { Optimizer } from '../optim/optimizer.ts';
import type { Schedule } from '../optim/schedules.ts';
import type { RandomStreams } from '../random.ts';
import type { Batch, BatchInputs } from './batch.ts';
import type { ViewSizes } from './views.ts';

/** A parameter with its state name, as `module.trainableParameters()` gives it. */
export type NamedParameter = readonly [name: string, parameter: Parameter];

/**
 * What a step may know besides its batch. It is one object for a whole stage, whose numbers move on: a step that is
 * compiled takes a number in by `fromHost(…)`, and tells by {@link Stage.mode} when it does something else.
 */
export interface StepContext {
  /** Optimiser steps done in this stage. */
  readonly step: number;
  /** Optimiser steps of the whole stage. */
  readonly totalSteps: number;
  /** Epochs done in this stage. */
  readonly epoch: number;
  /** Epochs of the whole stage. */
  readonly epochs: number;
  /** Where dropout, augmentation and masks draw from. */
  readonly random: RandomStreams;
  /**
   * Of a tensor with a row for each image of this rank's share, [b, …], the rows of the whole batch, [B, …]; with one rank
   * the tensor itself. For a stage that {@link Stage.shares} its batches, within its step.
   */
  gather<T extends tf.Tensor>(rows: T): T;
}

/** One phase of training: what is trained, how and for how long. */
export interface Stage {
  readonly name: string;
  readonly epochs: number;
  /** State names of the parameters that train in this stage; every trainable one if left out. */
  readonly trains?: RegExp;
  /** The views that its inputs are, if it sees images in several; left out, they are what scores come from. */
  readonly views?: ViewSizes;
  /**
   * `false`: the stage goes over the images without a gradient. Its step gathers what it learns in buffers, which it may
   * assign, and its loss is only told; there is nothing for its optimiser. Left out by a stage that trains.
   */
  readonly gradient?: false;
  /**
   * Whether ranks share a batch: the inputs of {@link step} are then those of this rank's share of the images, and labels
   * and `known` are of the whole batch. The step encodes its images, calls {@link StepContext.gather} on what it has of
   * each, and goes on with the whole batch, as one rank alone would. Left out, every rank computes the whole batch.
   */
  readonly shares?: boolean;
  /** A pure forward pass over a training batch: no host reads, no randomness but `context.random`. */
  step(batch: Batch<BatchInputs>, context: StepContext): StepResult;
  /**
   * Names what {@link step} does now, where that changes during the stage (a loss term that sets in later): a compiled
   * step is recorded once for each.
   */
  mode?(context: StepContext): string;
  /** After the optimiser's update, e.g. for a momentum encoder or a queue. Part of the step, under the same rules. */
  afterStep?(context: StepContext): void;
  /** Before the batches of an epoch, e.g. to recompute prototypes. */
  onEpochStart?(context: StepContext): void | Promise<void>;
  /** Before scores are asked for during the stage and after it: brings up to date what the learner derives from its state. */
  beforeEvaluation?(): void | Promise<void>;
  /** Builds the optimiser over the parameters that train in this stage. */
  optimizer(parameters: readonly NamedParameter[]): Optimizer;
  /** Rates over the steps of the stage, of which there are `totalSteps`. */
  schedule(totalSteps: number): Schedule;
  /** Global L2 norm to which gradients are clipped; not clipped if left out. */
  readonly maxGradientNorm?: number;
  /** Evaluate with an exponential moving average of the weights, of this decay; with the weights themselves if left out. */
  readonly averageDecay?: number;
  /** Whether scores mean anything by now, so that the stage is evaluated; default true. A pretraining stage says false. */
  readonly evaluated?: boolean;
  /** Whether its loss takes labels between 0 and 1, as mixed images have; default false: `fit` refuses them. */
  readonly softLabels?: boolean;
  /** How the loss of a batch comes from its images, which accumulating gradients must know; default `mean`. */
  readonly lossReduction?: 'mean' | 'sum';
}
