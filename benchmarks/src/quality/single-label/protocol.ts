import { type DsclConfig, dsclConfigSchema, dsclPresets } from '@ltml/dscl';

/** What all methods of the track share: whoever changes a number here changes {@link SingleLabelProtocol.version}. */
export interface SingleLabelProtocol {
  readonly version: string;
  readonly seeds: readonly number[];
  /** Epochs of the first stage. */
  readonly epochs: number;
  readonly batchSize: number;
  /** Epochs of the second stage, and its batches. */
  readonly classifierEpochs: number;
  readonly classifierBatchSize: number;
  /** Of the first stage, the same for all rows. */
  readonly learningRate: number;
  /** Of the second. */
  readonly classifierLearningRate: number;
}

export type SingleLabelRow = 'scl' | 'dscl' | 'dscl-pbsd';

/** Learning rates to choose from, of either stage. */
export const learningRateGrids = { pretrain: [0.005, 0.01, 0.02, 0.05], classify: [0.03, 0.1, 0.3] } as const;

/** Side of the views in pixels: half of the scenes'. */
export const viewSize = 32;
/** Side of the patches. */
export const patchSize = 16;

export const singleLabelProtocol: SingleLabelProtocol = {
  version: 'digits-lt-single@1/pretraining/2',
  seeds: [1, 2, 3],
  epochs: 40,
  batchSize: 64,
  classifierEpochs: 10,
  classifierBatchSize: 128,
  learningRate: 0.02,
  classifierLearningRate: 0.1,
};

/**
 * A row of the paper at the size of this track. What belongs to the method (α, λ, τ, number of patches) is as published;
 * what belongs to the size of data and network is the same for every row.
 */
export function dsclConfig(
  preset: SingleLabelRow,
  {
    epochs,
    learningRate,
    classifierEpochs,
    classifierLearningRate,
  }: Pick<SingleLabelProtocol, 'epochs' | 'learningRate' | 'classifierEpochs' | 'classifierLearningRate'>,
): DsclConfig {
  const published = dsclPresets[preset];
  return dsclConfigSchema.parse({
    ...published,
    // The published queue is as long as half of the training set, and its momentum is for 90,000 steps.
    queue: { ...published.queue, size: 640 },
    dimension: 64,
    encoderMomentum: 0.99,
    viewSize,
    patches: { ...published.patches, size: patchSize },
    pretrain: {
      ...published.pretrain,
      epochs,
      optimizer: { ...published.pretrain.optimizer, learningRate },
      schedule: { ...published.pretrain.schedule, warmup: { epochs: epochs / 20 } },
    },
    classify: {
      ...published.classify,
      epochs: classifierEpochs,
      optimizer: { ...published.classify.optimizer, learningRate: classifierLearningRate },
      schedule: {
        ...published.classify.schedule,
        milestones: [classifierEpochs / 2, (3 * classifierEpochs) / 4],
      },
    },
  });
}
