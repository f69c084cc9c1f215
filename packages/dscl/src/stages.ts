import { trainingOf } from '@ltml/tensor/config';
import type { Batch, Stage, StepContext, StepResult, ViewSizes, Views } from '@ltml/tensor/contract';
import type { DsclConfig } from './config.ts';

/**
 * The two stages: `pretrain` trains the encoder with the contrastive loss, `classify` trains a linear classifier on it.
 * Weight decay applies to all parameters of a stage, including batch norms and biases, as in the authors' code.
 */
export function dsclStages(
  { pretrain, classify }: DsclConfig,
  views: ViewSizes,
  steps: {
    pretrain(batch: Batch<Views>, context: StepContext): StepResult;
    classify(batch: Batch, context: StepContext): StepResult;
  },
): readonly Stage[] {
  return [
    {
      name: 'pretrain',
      ...trainingOf(pretrain),
      views,
      shares: true,
      step: (batch: Batch<Views>, context) => steps.pretrain(batch, context),
      trains: /^query\./,
      evaluated: false,
    },
    {
      name: 'classify',
      ...trainingOf(classify),
      shares: true,
      step: (batch: Batch, context) => steps.classify(batch, context),
      trains: /^classifier\./,
    },
  ];
}
