import { AdamW, cosineDecay, linearWarmup, type Schedule } from '@ltml/tensor';
import type { Stage } from '@ltml/tensor/contract';
import type { DistilConfig, PromptConfig, StageConfig } from './config.ts';
import { layerDecayGroups } from './layer-decay.ts';

/** A stage but for what the learner itself does in it. */
type Training = Omit<Stage, 'step' | 'beforeEvaluation'>;

/** Trains student and head. @param depth D of the student, see `lastLayer` */
export function distilTraining(config: DistilConfig, depth: number): Training {
  return {
    name: 'distil',
    epochs: config.epochs,
    trains: /^(student|head)\./,
    optimizer: (parameters) => new AdamW(layerDecayGroups(parameters, { ...config, depth })),
    schedule: (totalSteps) => warmCosine(config, totalSteps),
  };
}

/** Tunes the words of the prompt around the label and nothing else. */
export function promptTraining(config: PromptConfig): Training {
  const { epochs, learningRate, weightDecay, tuneBoundaryTokens } = config;
  return {
    name: 'prompt',
    epochs,
    trains: tuneBoundaryTokens ? /^prompt\.(context|boundary)$/ : /^prompt\.context$/,
    optimizer: (parameters) => new AdamW([{ parameters, learningRate, weightDecay }]),
    schedule: (totalSteps) => warmCosine(config, totalSteps),
  };
}

/** From 0 to the rate over the warm-up, then half a cosine down to the least rate; the first step may have the rate 0. */
function warmCosine(config: StageConfig, totalSteps: number): Schedule {
  const { epochs, warmupEpochs, learningRate, minLearningRate } = config;
  const warmup = (warmupEpochs * totalSteps) / epochs;
  // A warm-up as long as the stage leaves no room for the fall.
  const end = Math.max(totalSteps, warmup + 1);
  return linearWarmup(cosineDecay({ start: warmup, end, minimum: minLearningRate / learningRate }), { steps: warmup });
}
