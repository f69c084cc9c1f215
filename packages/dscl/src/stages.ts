import { trainingOf } from '@ltml/tensor/config';
import type { Stage, ViewLayout } from '@ltml/tensor/contract';
import type { DsclConfig } from './config.ts';

/**
 * The two stages: `pretrain` learns the encoder by comparison, `classify` a linear classifier on it. All parameters of a
 * stage decay, batch norms and biases too, as in the authors' code.
 */
export function dsclStages(
  { pretrain, classify }: DsclConfig,
  views: ViewLayout,
  steps: Readonly<Record<'pretrain' | 'classify', Stage['step']>>,
): readonly Stage[] {
  return [
    {
      name: 'pretrain',
      ...trainingOf(pretrain),
      inputs: views,
      step: steps.pretrain,
      trains: /^query\./,
      evaluated: false,
    },
    { name: 'classify', ...trainingOf(classify), step: steps.classify, trains: /^classifier\./ },
  ];
}
