import { constantRate } from '@ltml/tensor';
import type { Optimizer, Stage } from '@ltml/tensor/contract';

/** A stage that goes over the images and gathers what it learns in buffers, without a gradient. */
export function gatheringStage(
  stage: Pick<Stage, 'name' | 'epochs' | 'step' | 'onEpochStart' | 'beforeEvaluation'>,
): Stage {
  return { ...stage, gradient: false, optimizer: () => nothing, schedule: () => constantRate() };
}

/** For a stage in which no parameter trains. */
const nothing: Optimizer = {
  step() {},
  exportState: async () => new Map(),
  importState() {},
  dispose() {},
};
