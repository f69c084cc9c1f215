import { trainingOf } from '@ltml/tensor/config';
import type { Batch, Stage, StepResult, ViewSizes, Views } from '@ltml/tensor/contract';
import type { DsclConfig } from './config.ts';

/**
 * The two stages: `pretrain` learns the encoder by comparison, `classify` a linear classifier on it. All parameters of a
 * stage decay, batch norms and biases too, as in the authors' code.
 */
export function dsclStages(
  { pretrain, classify }: DsclConfig,
  views: ViewSizes,
  steps: { pretrain(batch: Batch<Views>): StepResult; classify(batch: Batch): StepResult },
): readonly Stage[] {
  return [
    {
      name: 'pretrain',
      ...trainingOf(pretrain),
      views,
      step: (batch: Batch<Views>) => steps.pretrain(batch),
      trains: /^query\./,
      evaluated: false,
    },
    {
      name: 'classify',
      ...trainingOf(classify),
      step: (batch: Batch) => steps.classify(batch),
      trains: /^classifier\./,
    },
  ];
}
