import { clipGradients, differentiate, disposeGradients, Ema, type HostTensor, type Parameter } from '@ltml/tensor';
import type { Batch, Learner, NamedParameter, Optimizer, Schedule, Stage, StepContext } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { type Contribution, mergeContributions } from './accumulate.ts';
import { tensorsUnder } from './checkpoint.ts';
import type { StepScalars } from './scalars.ts';

/** A stage in progress: its optimiser, schedule and averaged weights, and the arithmetic of one step. */
export class ActiveStage {
  readonly stage: Stage;
  readonly schedule: Schedule;
  readonly #learner: Learner;
  readonly #parameters: readonly Parameter[];
  readonly #optimizer: Optimizer;
  readonly #average: Ema | undefined;

  /** @param totalSteps optimiser steps of the whole stage */
  constructor(learner: Learner, stage: Stage, totalSteps: number) {
    const named = trainedParameters(learner, stage);
    this.stage = stage;
    this.schedule = stage.schedule(totalSteps);
    this.#learner = learner;
    this.#parameters = named.map(([, parameter]) => parameter);
    this.#optimizer = stage.optimizer(named);
    this.#average = stage.averageDecay === undefined ? undefined : new Ema(learner, { decay: stage.averageDecay });
  }

  /** Adds a batch to the step in the making. Takes the batch and `sofar` over. */
  contribute(batch: Batch, context: StepContext, sofar?: Contribution): Contribution {
    try {
      const result = differentiate(() => this.#learner.step(batch, context), this.#parameters);
      const contribution = { ...result, images: batch.indices.length };
      return sofar ? mergeContributions(sofar, contribution, this.stage.lossReduction ?? 'mean') : contribution;
    } finally {
      tf.dispose([batch.inputs, batch.labels, batch.known]);
    }
  }

  /**
   * Ends a step: clips, updates, averages, tells the learner. Takes the contribution over.
   *
   * @returns the step's numbers on the device, the caller's to dispose of
   */
  update({ loss, terms, gradients }: Contribution, context: StepContext): StepScalars {
    const { maxGradientNorm } = this.stage;
    const clipped = maxGradientNorm === undefined ? undefined : clipGradients(gradients, maxGradientNorm);
    this.#optimizer.step(clipped?.gradients ?? gradients, this.schedule(context.step));
    if (clipped) disposeGradients(clipped.gradients);
    disposeGradients(gradients);
    this.#average?.update();
    this.#learner.afterStep?.(context);
    return { loss, terms, ...(clipped && { gradientNorm: clipped.norm }) };
  }

  /** Runs something while the learner holds the weights that are evaluated: the averaged ones, if the stage averages. */
  async withAverage<T>(run: () => Promise<T>): Promise<T> {
    this.#average?.swap();
    try {
      return await run();
    } finally {
      this.#average?.swap();
    }
  }

  /** At the end of the stage: leaves the evaluated weights in the learner for good. */
  adoptAverage(): void {
    this.#average?.swap();
  }

  /** Slots and averages for a checkpoint, under `optimizer` and `average`. */
  async exportState(): Promise<Record<string, ReadonlyMap<string, HostTensor>>> {
    return {
      optimizer: await this.#optimizer.exportState(),
      ...(this.#average && { average: await this.#average.exportState() }),
    };
  }

  /** Goes on from the tensors of a checkpoint. */
  importState(tensors: ReadonlyMap<string, HostTensor>): void {
    this.#optimizer.importState(tensorsUnder(tensors, 'optimizer'));
    this.#average?.importState(tensorsUnder(tensors, 'average'));
  }

  dispose(): void {
    this.#average?.dispose();
    this.#optimizer.dispose();
  }
}

/** The parameters that train in a stage, by state name. */
function trainedParameters(learner: Learner, { trains }: Stage): NamedParameter[] {
  const named = [...learner.trainableParameters()];
  // Not `test`, which for a pattern with the flag g remembers where it was.
  return trains ? named.filter(([name]) => name.search(trains) >= 0) : named;
}
