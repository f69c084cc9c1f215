import type { Learner } from '@ltml/tensor/contract';
import type { Draws } from './draws.ts';

/** A stage of training, and how long it is. */
export interface PlannedStage {
  readonly name: string;
  readonly epochs: number;
  /** Optimiser steps. */
  readonly steps: number;
  /** Draws of an image in an epoch. */
  readonly imagesPerEpoch: number;
}

/**
 * How long the stages of a learner are.
 *
 * @param stageSteps of each stage
 */
export function plannedStages(
  { stages }: Learner,
  draws: readonly Draws[],
  stageSteps: readonly number[],
): readonly PlannedStage[] {
  return stages.map(({ name, epochs }, i) => {
    return { name, epochs, steps: stageSteps[i], imagesPerEpoch: draws[i].imagesPerEpoch };
  });
}
