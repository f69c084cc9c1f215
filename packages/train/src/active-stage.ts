import {
  type CompiledStep,
  checkLabelTensor,
  checkSoftLabelTensor,
  clipGradients,
  compile,
  type Differentiated,
  differentiate,
  disposeGradients,
  Ema,
  type Gradients,
  type HostTensor,
  mixedType,
  type Parameter,
  type Precision,
} from '@ltml/tensor';
import type {
  Batch,
  BatchInputs,
  Learner,
  LoadedBatch,
  NamedParameter,
  Optimizer,
  Schedule,
  Stage,
  StepContext,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { type Contribution, mergeContributions } from './accumulate.ts';
import { tensorsUnder } from './checkpoint.ts';
import { type NamedTensors, pack, unpack } from './packed.ts';
import type { Ranks } from './ranks/ranks.ts';
import type { StepScalars } from './scalars.ts';

/** What the tensors of a step are computed from: inputs of several parts come one after the other. */
type BatchTensors = [labels: tf.Tensor, known: tf.Tensor, ...inputs: tf.Tensor[]];

export interface ActiveStageOptions {
  /** Optimiser steps of the whole stage. */
  readonly totalSteps: number;
  /** The stage's own, which moves on. */
  readonly context: StepContext;
  readonly ranks: Ranks;
  /** Run every step op by op, also where the engine could compile it. */
  readonly eager: boolean;
  /** Of compiled steps. */
  readonly precision: Precision;
  /** Told when a step is recorded once more, with the reason; not for a batch that is only smaller, as the last one may be. */
  readonly onRetrace: (reason: string) => void;
}

/**
 * A stage in progress: its optimiser, schedule and averaged weights, and the arithmetic of one step.
 *
 * A step of one batch is compiled as a whole. Where gradients are accumulated, a batch's gradients and the update are
 * two compiled steps, put together in between.
 */
export class ActiveStage {
  readonly stage: Stage;
  readonly schedule: Schedule;
  readonly #learner: Learner;
  readonly #context: StepContext;
  readonly #ranks: Ranks;
  readonly #parameters: readonly Parameter[];
  readonly #optimizer: Optimizer;
  readonly #average: Ema | undefined;
  readonly #lossScale: number;
  readonly #whole: CompiledStep<BatchTensors, NamedTensors>;
  readonly #gradients: CompiledStep<BatchTensors, NamedTensors>;
  readonly #update: CompiledStep<tf.Tensor[], NamedTensors>;
  /** Images of the largest batch so far. */
  #mostImages = 0;
  /** Whether the batch in progress has fewer. */
  #isSmaller = false;
  /** Names of the parts of the inputs in progress; undefined where they are one tensor. */
  #parts: readonly string[] | undefined;
  /** The parameters that the gradients of the update in progress belong to. */
  #reached: readonly Parameter[] = [];

  constructor(learner: Learner, stage: Stage, options: ActiveStageOptions) {
    const { totalSteps, context, ranks, eager, precision, onRetrace } = options;
    const named = trainedParameters(learner, stage);
    this.stage = stage;
    this.#learner = learner;
    this.schedule = stage.schedule(totalSteps);
    this.#context = context;
    this.#ranks = ranks;
    this.#parameters = named.map(([, parameter]) => parameter);
    this.#optimizer = stage.optimizer(named);
    this.#average = stage.averageDecay === undefined ? undefined : new Ema(learner, { decay: stage.averageDecay });

    const key = (): string => [stage.mode?.(context) ?? '', ...(this.#parts ?? [])].join(' ');
    this.#lossScale = lossScaleOf(stage, precision === 'mixed' && !eager);
    const compiling = {
      key,
      eager,
      precision,
      onRetrace: (reason: string) => {
        if (!this.#isSmaller) onRetrace(reason);
      },
    };
    this.#whole = compile(
      (...batch: BatchTensors) => {
        const { loss, terms, gradients } = this.#differentiate(batch);
        return pack({ loss, terms, ...this.#apply(gradients) }, []);
      },
      { ...compiling, name: `the step of stage "${stage.name}"` },
    );
    this.#gradients = compile((...batch: BatchTensors) => pack(this.#differentiate(batch), this.#parameters), {
      ...compiling,
      name: `the gradients of stage "${stage.name}"`,
    });
    this.#update = compile(
      (...gradients: tf.Tensor[]) => ({ ...this.#apply(new Map(this.#reached.map((p, i) => [p, gradients[i]]))) }),
      {
        ...compiling,
        key: () => `${key()} ${this.#reached.map((parameter) => this.#parameters.indexOf(parameter))}`,
        name: `the update of stage "${stage.name}"`,
      },
    );
  }

  /** Whether steps run as graphs of the engine. */
  get compiled(): boolean {
    return this.#whole.compiled;
  }

  /** A step of one batch. Takes the batch over; its numbers on the device are the caller's to dispose of. */
  step(batch: Batch<BatchInputs>): StepScalars {
    const { loss, terms, gradientNorm } = unpack(this.#run(this.#whole, batch), []);
    return { loss, terms, ...(gradientNorm && { gradientNorm }) };
  }

  /** Adds a batch to the step in the making. Takes the batch and `sofar` over. */
  contribute(batch: LoadedBatch<BatchInputs>, sofar?: Contribution): Contribution {
    const { loss, terms, gradients } = unpack(this.#run(this.#gradients, batch), this.#parameters);
    const contribution = { loss, terms, gradients, images: batch.indices.length };
    return sofar ? mergeContributions(sofar, contribution, this.stage.lossReduction ?? 'mean') : contribution;
  }

  /** Ends a step in the making. Takes the contribution over. */
  update({ loss, terms, gradients }: Contribution): StepScalars {
    this.#reached = [...gradients.keys()];
    const { gradientNorm } = this.#update(...gradients.values());
    disposeGradients(gradients);
    return { loss, terms, ...(gradientNorm && { gradientNorm: gradientNorm as tf.Scalar }) };
  }

  #run(step: CompiledStep<BatchTensors, NamedTensors>, { inputs, labels, known }: Batch<BatchInputs>): NamedTensors {
    const [images] = labels.shape;
    this.#isSmaller = images < this.#mostImages;
    this.#mostImages = Math.max(this.#mostImages, images);
    this.#parts = inputs instanceof tf.Tensor ? undefined : Object.keys(inputs);
    try {
      // A compiled step can't look at values, and an eager one finds them already checked.
      const check = this.stage.softLabels ? checkSoftLabelTensor : checkLabelTensor;
      check('fit', 'batch.labels', labels);
      checkLabelTensor('fit', 'batch.known', known);
      return step(labels, known, ...(inputs instanceof tf.Tensor ? [inputs] : Object.values(inputs)));
    } finally {
      tf.dispose([inputs, labels, known]);
    }
  }

  #differentiate([labels, known, ...tensors]: BatchTensors): Differentiated {
    const inputs = this.#parts ? Object.fromEntries(this.#parts.map((name, i) => [name, tensors[i]])) : tensors[0];
    const batch = { inputs, labels: labels as tf.Tensor2D, known: known as tf.Tensor2D };
    const step = () => this.#ranks.sharing(this.stage, labels.shape[0], () => this.stage.step(batch, this.#context));
    return this.stage.gradient === false
      ? { ...step(), gradients: new Map() }
      : differentiate(step, this.#parameters, { lossScale: this.#lossScale });
  }

  /** Takes the means over the ranks, clips, updates, averages, tells the stage. */
  #apply(own: Gradients): { gradientNorm?: tf.Scalar } {
    const { maxGradientNorm } = this.stage;
    const gradients = this.#ranks.means(own, this.#learner);
    const clipped = maxGradientNorm === undefined ? undefined : clipGradients(gradients, maxGradientNorm);
    this.#optimizer.step(clipped?.gradients ?? gradients, () => this.schedule(this.#context.step));
    this.#average?.update();
    this.stage.afterStep?.(this.#context);
    return clipped ? { gradientNorm: clipped.norm } : {};
  }

  /** Runs something while the learner holds the weights that are evaluated: the averaged ones, if the stage averages. */
  async withAverage<T>(run: () => Promise<T>): Promise<T> {
    this.#average?.swap();
    try {
      await this.stage.beforeEvaluation?.();
      return await run();
    } finally {
      this.#average?.swap();
    }
  }

  /** At the end of the stage: leaves the evaluated weights in the learner for good. */
  async adoptAverage(): Promise<void> {
    this.#average?.swap();
    await this.stage.beforeEvaluation?.();
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
    for (const step of [this.#whole, this.#gradients, this.#update]) step.dispose();
    this.#average?.dispose();
    this.#optimizer.dispose();
  }
}

/**
 * What keeps gradients in float16 from becoming 0, which they do below 6e-8: a factor of the loss, taken out of the gradients
 * again. Of a mean over images and classes it leaves a thousandfold room on both sides; a sum needs none.
 */
function lossScaleOf({ lossReduction = 'mean' }: Stage, isMixed: boolean): number {
  return isMixed && mixedType() === 'float16' && lossReduction === 'mean' ? 1024 : 1;
}

/** The parameters that train in a stage, by state name. */
function trainedParameters(learner: Learner, { trains }: Stage): NamedParameter[] {
  const named = [...learner.trainableParameters()];
  // Not `test`, which for a pattern with the flag g remembers where it was.
  return trains ? named.filter(([name]) => name.search(trains) >= 0) : named;
}
