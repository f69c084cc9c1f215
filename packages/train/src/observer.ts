/** Where a run stands. The place within an epoch is the loader's to know. */
export interface Cursor {
  /** Index of the stage. */
  readonly stage: number;
  /** Epochs of the stage that are done. */
  readonly epoch: number;
  /** Optimiser steps done in the stage. */
  readonly stageStep: number;
  /** Optimiser steps done in the run. */
  readonly step: number;
}

/** What a run will do, told once before it starts. */
export interface RunPlan {
  readonly stages: readonly { readonly name: string; readonly epochs: number; readonly steps: number }[];
  /** Optimiser steps of all stages together, if none stops early. */
  readonly totalSteps: number;
  /** Where the run starts; not at zero when it goes on from a checkpoint. */
  readonly from: Cursor;
}

/** One optimiser step. */
export interface StepReport {
  readonly stage: string;
  /** Epoch of the stage, from 0. */
  readonly epoch: number;
  /** Optimiser steps done in the run, this one included. */
  readonly step: number;
  /** Loss of the step's images, in nats. */
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  /** What the schedule multiplied each group's learning rate by. */
  readonly learningRateFactor: number;
  /** Global L2 norm of the gradients before clipping, where the stage clips. */
  readonly gradientNorm?: number;
  /** Images of the step. */
  readonly images: number;
}

/** One epoch, after its evaluation. */
export interface EpochReport {
  readonly stage: string;
  readonly epoch: number;
  readonly step: number;
  /** Mean loss over the images of the epoch. */
  readonly loss: number;
  readonly terms: Readonly<Record<string, number>>;
  /** Validation metrics by name, where the epoch was evaluated. */
  readonly metrics?: Readonly<Record<string, number>>;
  /** Wall-clock seconds of this process spent on the epoch, evaluation included. */
  readonly seconds: number;
}

/** Watches a run: logs, progress lines, early signs of trouble. A run waits for what an observer returns. */
export interface Observer {
  onStart?(plan: RunPlan): void | Promise<void>;
  onStep?(report: StepReport): void | Promise<void>;
  onEpoch?(report: EpochReport): void | Promise<void>;
  /** A checkpoint of the run after so many steps is safe. */
  onCheckpoint?(step: number): void | Promise<void>;
  /** Something worth knowing, e.g. that a step is compiled once more. */
  onNote?(message: string): void | Promise<void>;
  /** Something is wrong but does not stop the run. */
  onWarning?(message: string): void | Promise<void>;
}
