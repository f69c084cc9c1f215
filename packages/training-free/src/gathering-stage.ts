import { constantRate } from '@ltml/tensor';
import type { Optimizer, Stage } from '@ltml/tensor/contract';

/** A stage that computes statistics of the images in buffers, without gradients. */
export function gatheringStage(
  stage: Pick<Stage, 'name' | 'epochs' | 'step' | 'onEpochStart' | 'beforeEvaluation'>,
): Stage {
  return { ...stage, gradient: false, optimizer: () => nothing, schedule: () => constantRate() };
}

/** An optimiser for a stage that trains no parameter. */
const nothing: Optimizer = {
  step() {},
  exportState: async () => new Map(),
  importState() {},
  dispose() {},
};
