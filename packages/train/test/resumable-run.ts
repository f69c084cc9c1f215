import type { InputSource } from '@ltml/data';
import { AdamW, oneCycle } from '@ltml/tensor';
import { frequencyGroups } from '@ltml/tensor/labels';
import { averagePrecisionMetrics, type CheckpointOptions, type FitOptions, fit, type Observer } from '@ltml/train';
import { loaderOf, setup } from './synthetic.ts';

/**
 * A run that uses all that a checkpoint must bring back: augmentation, dropout, batch norm, Adam's slots, averaged
 * weights, a schedule, accumulation, selection, two stages. Five batches an epoch make three steps, 6 and 18 in all;
 * with `ownLoaders` the second stage has a loader of its own, of as many batches.
 */
export async function resumableRun({
  checkpoints,
  observers,
  signal,
  eager = false,
  accumulate = 2,
  ownLoaders = false,
  stageSteps = {},
  onEvaluation,
  onBuilt,
}: {
  readonly checkpoints?: CheckpointOptions;
  readonly observers?: readonly Observer[];
  readonly signal?: AbortSignal;
  readonly eager?: boolean;
  readonly accumulate?: number;
  readonly ownLoaders?: boolean;
  readonly stageSteps?: Readonly<Record<string, number>>;
  /** Told when an evaluation has read its first images. */
  readonly onEvaluation?: () => void;
  /** Told what the run is made of before it begins. */
  readonly onBuilt?: (options: FitOptions) => Promise<void>;
}) {
  const { learner, loader, random, dataset } = setup({
    neck: { width: 5, dropout: 0.3 },
    stage: {
      epochs: 8,
      optimizer: (parameters) => new AdamW([{ parameters, learningRate: 0.02, weightDecay: 0.1 }]),
      schedule: (totalSteps) => oneCycle({ totalSteps, riseFraction: 0.3, momentum: null }),
      averageDecay: 0.8,
      maxGradientNorm: 1,
    },
  });
  const [stage] = learner.stages;
  const stages = [
    { ...stage, name: 'first', epochs: 2 },
    { ...stage, name: 'second', epochs: 6 },
  ];
  const groups = frequencyGroups([16, 16, 16], { headFrom: 10, tailBelow: 5 });
  const fitOptions: FitOptions = {
    learner: Object.assign(learner, { stages }),
    loader,
    ...(ownLoaders && { stageLoaders: { second: loaderOf(dataset, 9, random) } }),
    random,
    accumulate,
    stageSteps,
    eager,
    validation: {
      dataset: onEvaluation ? { ...dataset, inputs: watched(dataset.inputs, onEvaluation) } : dataset,
      batchSize: 16,
      metrics: averagePrecisionMetrics(groups),
    },
    selection: { metric: 'mAP' },
    ...(checkpoints && { checkpoints }),
    ...(observers && { observers }),
    ...(signal && { signal }),
  };
  await onBuilt?.(fitOptions);
  return { learner, dataset, result: await fit(fitOptions) };
}

/** Tells of each read of the first image. */
function watched(inputs: InputSource, onFirst: () => void): InputSource {
  return {
    ...inputs,
    read(indices, streams) {
      if (indices[0] === 0) onFirst();
      return inputs.read(indices, streams);
    },
  };
}
