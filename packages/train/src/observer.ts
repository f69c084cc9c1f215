/** Progress of a run. The position within an epoch is in the loader. */
export interface Cursor {
  /** Index of the stage. */
  readonly stage: number;
  /** Finished epochs of the stage. */
  readonly epoch: number;
  /** Optimiser steps done in the stage. */
  readonly stageStep: number;
  /** Optimiser steps done in the run. */
  readonly step: number;
}

/** What a run will do. Observers get it once, before the start. */
export interface RunPlan {
  /** Stages in order, each with its optimiser steps. */
  readonly stages: readonly { readonly name: string; readonly epochs: number; readonly steps: number }[];
  /** Optimiser steps of all stages together, if none stops early. */
  readonly totalSteps: number;
  /** Where the run starts; not at 0 if it resumes from a checkpoint. */
  readonly from: Cursor;
}

/** Report of one optimiser step. */
export interface StepReport {
  /** Name of the stage. */
  readonly stage: string;
  /** Epoch of the stage, from 0. */
  readonly epoch: number;
  /** Optimiser steps done in the run, including this one. */
  readonly step: number;
  /** Loss over the step's images, in nats. */
  readonly loss: number;
  /** Loss terms by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** Factor that the schedule applied to the learning rate of each group. */
  readonly learningRateFactor: number;
  /** Global L2 norm of the gradients before clipping, if the stage clips. */
  readonly gradientNorm?: number;
  /** Number of images in the step. */
  readonly images: number;
}

/** Report of one epoch, after its evaluation. */
export interface EpochReport {
  /** Name of the stage. */
  readonly stage: string;
  /** Epoch of the stage, from 0. */
  readonly epoch: number;
  /** Optimiser steps done in the run. */
  readonly step: number;
  /** Mean loss over the images of the epoch. */
  readonly loss: number;
  /** Mean loss terms by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** Validation metrics by name, if the epoch was evaluated. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Wall-clock seconds that this process spent on the epoch, including the evaluation. */
  readonly seconds: number;
}

/** Observes a run, e.g. for logs and progress. If a method returns a promise, the run waits for it. */
export interface Observer {
  /** The run starts or resumes. */
  onStart?(plan: RunPlan): void | Promise<void>;
  /** An optimiser step is done. Reports come one step late, when the loss has been read. */
  onStep?(report: StepReport): void | Promise<void>;
  /** An epoch was trained and, if due, evaluated. */
  onEpoch?(report: EpochReport): void | Promise<void>;
  /** A checkpoint after so many steps was saved. */
  onCheckpoint?(step: number): void | Promise<void>;
  /** Information, e.g. that a step is compiled again. */
  onNote?(message: string): void | Promise<void>;
  /** A problem that does not stop the run. */
  onWarning?(message: string): void | Promise<void>;
}
