import type { Learner } from '@ltml/tensor/contract';
import type { Draws } from './draws.ts';

/** A stage of training with its length. */
export interface PlannedStage {
  readonly name: string;
  /** Number of epochs; the last one may be cut short. */
  readonly epochs: number;
  /** Optimiser steps. */
  readonly steps: number;
  /** Images sampled in an epoch. */
  readonly imagesPerEpoch: number;
}

/**
 * The stages of a learner with their lengths.
 *
 * @param draws one for each stage
 * @param stageSteps optimiser steps of each stage
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
