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

/** The tensors that a step is computed from. If the inputs have several parts, they follow one after the other. */
type BatchTensors = [labels: tf.Tensor, known: tf.Tensor, ...inputs: tf.Tensor[]];

/** Options of {@link ActiveStage}. */
export interface ActiveStageOptions {
  /** Optimiser steps of the whole stage. */
  readonly totalSteps: number;
  /** The context of the running stage; its counts change as training proceeds. */
  readonly context: StepContext;
  readonly ranks: Ranks;
  /** Do not compile steps, even if the engine can. */
  readonly eager: boolean;
  /** Number format of compiled steps. */
  readonly precision: Precision;
  /**
   * Called with the reason when a step is compiled again. Not called for a batch that is only smaller, such as the last
   * one.
   */
  readonly onRetrace: (reason: string) => void;
}

/**
 * A running stage: its optimiser, schedule and averaged weights, and the computation of one step.
 *
 * A step of one batch is compiled as a whole. If gradients are accumulated, there are two compiled functions: the
 * gradients of a batch, and the update. Gradients are merged between them.
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
  /** Whether the current batch is smaller than that. */
  #isSmaller = false;
  /** Names of the parts of the current inputs; undefined if they are one tensor. */
  #parts: readonly string[] | undefined;
  /** The parameters of the gradients in the current update. */
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

  /** Whether steps are compiled. */
  get compiled(): boolean {
    return this.#whole.compiled;
  }

  /** Does a step with one batch and disposes of the batch. The caller owns the returned scalars. */
  step(batch: Batch<BatchInputs>): StepScalars {
    const { loss, terms, gradientNorm } = unpack(this.#run(this.#whole, batch), []);
    return { loss, terms, ...(gradientNorm && { gradientNorm }) };
  }

  /** Computes the gradients of a batch and merges them with `sofar`. Disposes of the batch and of `sofar`. */
  contribute(batch: LoadedBatch<BatchInputs>, sofar?: Contribution): Contribution {
    const { loss, terms, gradients } = unpack(this.#run(this.#gradients, batch), this.#parameters);
    const contribution = { loss, terms, gradients, images: batch.indices.length };
    return sofar ? mergeContributions(sofar, contribution, this.stage.lossReduction ?? 'mean') : contribution;
  }

  /**
   * Updates the parameters with accumulated gradients. Disposes of the gradients; the caller owns the returned scalars.
   */
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
      // Checked here: a compiled step can't look at values, and an eager one sees labels as checked.
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

  /**
   * Averages gradients over the ranks, clips them, updates parameters and averaged weights, and calls the stage's
   * `afterStep`.
   */
  #apply(own: Gradients): { gradientNorm?: tf.Scalar } {
    const { maxGradientNorm } = this.stage;
    const gradients = this.#ranks.means(own, this.#learner);
    const clipped = maxGradientNorm === undefined ? undefined : clipGradients(gradients, maxGradientNorm);
    this.#optimizer.step(clipped?.gradients ?? gradients, () => this.schedule(this.#context.step));
    this.#average?.update();
    this.stage.afterStep?.(this.#context);
    return clipped ? { gradientNorm: clipped.norm } : {};
  }

  /** Calls a function while the learner has the weights to evaluate: the averaged ones, if the stage averages. */
  async withAverage<T>(run: () => Promise<T>): Promise<T> {
    this.#average?.swap();
    try {
      await this.stage.beforeEvaluation?.();
      return await run();
    } finally {
      this.#average?.swap();
    }
  }

  /** Call at the end of the stage: the learner keeps the weights to evaluate. */
  async adoptAverage(): Promise<void> {
    this.#average?.swap();
    await this.stage.beforeEvaluation?.();
  }

  /** Optimiser state and averaged weights for a checkpoint, under `optimizer` and `average`. */
  async exportState(): Promise<Record<string, ReadonlyMap<string, HostTensor>>> {
    return {
      optimizer: await this.#optimizer.exportState(),
      ...(this.#average && { average: await this.#average.exportState() }),
    };
  }

  /** Restores optimiser state and averaged weights from a checkpoint. */
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
 * Factor of the loss that keeps small float16 gradients (below 6e-8) from becoming 0. The gradients are divided by it
 * again. 1024 leaves a margin of about 1000 on both sides for a mean over images and classes. A sum needs no factor.
 */
function lossScaleOf({ lossReduction = 'mean' }: Stage, isMixed: boolean): number {
  return isMixed && mixedType() === 'float16' && lossReduction === 'mean' ? 1024 : 1;
}

/** The parameters that a stage trains, by state name. */
function trainedParameters(learner: Learner, { trains }: Stage): NamedParameter[] {
  const named = [...learner.trainableParameters()];
  // `search` instead of `test`: with the flag g, `test` continues where it last stopped.
  return trains ? named.filter(([name]) => name.search(trains) >= 0) : named;
}
