import { coopRows } from '../../../packages/coop/bench/speed.ts';
import { cprflRows } from '../../../packages/cprfl/bench/speed.ts';
import { dsclRows } from '../../../packages/dscl/bench/speed.ts';
import { liftRows } from '../../../packages/lift/bench/speed.ts';
import { mktRows } from '../../../packages/mkt/bench/speed.ts';
import { mlcNcRows } from '../../../packages/mlc-nc/bench/speed.ts';
import { ramRows } from '../../../packages/ram/bench/speed.ts';
import { transferRows } from '../../../packages/sarb/bench/semantic-transfer.ts';
import { sarbRows } from '../../../packages/sarb/bench/speed.ts';
import type { SpeedRow } from '../../../packages/tensor/bench/row.ts';
import { trainingFreeRows } from '../../../packages/training-free/bench/speed.ts';
import { backboneRows } from './backbone.ts';
import { encoderRows } from './encoders.ts';
import { layerRows } from './layers.ts';
import { loaderRows } from './loader.ts';
import { compiledLossRows, lossRows } from './losses.ts';
import { optimizerRows } from './optim.ts';
import { stepRows } from './steps.ts';
import { trainingStepRows } from './training-steps.ts';

/** Rows of the speed suite by topic. */
export const speedRows = {
  losses: lossRows,
  layers: layerRows,
  optim: optimizerRows,
  compile: [...trainingStepRows, ...compiledLossRows],
  backbone: backboneRows,
  encoders: encoderRows,
  steps: stepRows,
  cprfl: cprflRows,
  sarb: [...sarbRows, ...transferRows],
  mkt: mktRows,
  dscl: dsclRows,
  'training-free': trainingFreeRows,
  'mlc-nc': mlcNcRows,
  coop: coopRows,
  lift: liftRows,
  ram: ramRows,
  loader: loaderRows,
} as const satisfies Readonly<Record<string, readonly SpeedRow[]>>;

/** Topics of the speed suite. */
export type SpeedTopic = keyof typeof speedRows;
