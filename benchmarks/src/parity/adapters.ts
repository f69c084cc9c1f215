import { coopParity } from '../../../packages/coop/parity/index.ts';
import { cprflParity } from '../../../packages/cprfl/parity/index.ts';
import { dsclParity } from '../../../packages/dscl/parity/index.ts';
import { liftParity } from '../../../packages/lift/parity/index.ts';
import { lossesParity } from '../../../packages/losses/parity/index.ts';
import { resampleLossAdapters } from '../../../packages/losses/parity/resample-loss.ts';
import { mktParity } from '../../../packages/mkt/parity/index.ts';
import { mlcNcParity } from '../../../packages/mlc-nc/parity/index.ts';
import { ramParity } from '../../../packages/ram/parity/index.ts';
import { sarbParity } from '../../../packages/sarb/parity/index.ts';
import type { ParityAdapters } from '../../../packages/tensor/parity/adapter.ts';
import { trainingFreeParity } from '../../../packages/training-free/parity/index.ts';
import { augmentationAdapters } from './augmentation.ts';
import { backboneAdapters } from './backbone.ts';
import { backboneTextAdapters } from './backbone-text.ts';
import { calibrationAdapters } from './calibration.ts';
import { dataAdapters } from './data.ts';
import { labelStatisticsAdapters } from './label-statistics.ts';
import { lossesAdapters } from './losses.ts';
import { metricsAdapters } from './metrics.ts';
import { modelAdapters } from './model.ts';
import { opsAdapters } from './ops.ts';
import { optimAdapters } from './optim.ts';
import { partialLossAdapters } from './partial-losses.ts';
import { preprocessingAdapters } from './preprocessing.ts';
import { zooAdapters } from './zoo-networks.ts';

/** The adapters of all topics by function. Names must be unique. */
export const parityAdapters: ParityAdapters = merge(
  lossesAdapters,
  resampleLossAdapters,
  partialLossAdapters,
  labelStatisticsAdapters,
  metricsAdapters,
  calibrationAdapters,
  dataAdapters,
  optimAdapters,
  opsAdapters,
  modelAdapters,
  backboneAdapters,
  backboneTextAdapters,
  zooAdapters,
  preprocessingAdapters,
  augmentationAdapters,
  ...lossesParity,
  ...cprflParity,
  ...sarbParity,
  ...mktParity,
  ...dsclParity,
  ...mlcNcParity,
  ...trainingFreeParity,
  ...coopParity,
  ...liftParity,
  ...ramParity,
);

function merge(...topics: readonly ParityAdapters[]): ParityAdapters {
  const merged: Record<string, ParityAdapters[string]> = {};
  for (const topic of topics) {
    for (const [name, adapter] of Object.entries(topic)) {
      if (Object.hasOwn(merged, name)) throw new Error(`two parity adapters for ${name}`);
      merged[name] = adapter;
    }
  }
  return merged;
}
