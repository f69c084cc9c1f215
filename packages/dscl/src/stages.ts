import { cosineDecay, linearWarmup, multiStepDecay, type Schedule, Sgd } from '@ltml/tensor';
import type { NamedParameter, Stage, ViewLayout } from '@ltml/tensor/contract';
import type { DsclConfig } from './config.ts';

/** The two stages: `pretrain` learns the encoder by comparison, `classify` a linear classifier on it. */
export function dsclStages(
  { pretrain, classify }: DsclConfig,
  views: ViewLayout,
  steps: Readonly<Record<'pretrain' | 'classify', Stage['step']>>,
): readonly Stage[] {
  return [
    {
      name: 'pretrain',
      epochs: pretrain.epochs,
      inputs: views,
      step: steps.pretrain,
      trains: /^query\./,
      evaluated: false,
      optimizer: (parameters) => sgd(parameters, pretrain),
      schedule: (steps) => warmupCosine(steps, (steps * pretrain.warmupEpochs) / pretrain.epochs),
    },
    {
      name: 'classify',
      epochs: classify.epochs,
      step: steps.classify,
      trains: /^classifier\./,
      optimizer: (parameters) => sgd(parameters, classify),
      schedule: (steps) => {
        const milestones = classify.milestones.map((epoch) => (epoch * steps) / classify.epochs);
        return multiStepDecay({ milestones });
      },
    },
  ];
}

/** One group, decayed as a whole: batch norms and biases too, as in the authors' code. */
function sgd(
  parameters: readonly NamedParameter[],
  { learningRate, momentum, weightDecay }: DsclConfig['pretrain' | 'classify'],
): Sgd {
  return new Sgd([{ parameters, learningRate, weightDecay }], { momentum });
}

/** From 0 at the first step up to the whole rate, then half a cosine down to 0 at the end. */
function warmupCosine(steps: number, warmup: number): Schedule {
  return linearWarmup(cosineDecay({ start: warmup, end: Math.max(steps, warmup + 1) }), { steps: warmup });
}
