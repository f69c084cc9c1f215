import { backboneRows } from './backbone.ts';
import { lossRows } from './losses.ts';
import { optimizerRows } from './optim.ts';
import type { SpeedRow } from './row.ts';
import { trainingStepRows } from './training-steps.ts';

/** Rows of the speed suite by topic. */
export const speedRows = {
  losses: lossRows,
  optim: optimizerRows,
  steps: trainingStepRows,
  backbone: backboneRows,
} as const satisfies Readonly<Record<string, readonly SpeedRow[]>>;

export type SpeedTopic = keyof typeof speedRows;
