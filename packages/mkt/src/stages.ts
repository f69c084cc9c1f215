import { trainingOf } from '@ltml/tensor/config';
import type { Stage } from '@ltml/tensor/contract';
import type { DistilConfig, PromptConfig } from './config.ts';
import { layerDecayGroups } from './layer-decay.ts';

/** A stage but for what the learner itself does in it. */
type Training = Omit<Stage, 'step' | 'beforeEvaluation'>;

/** Trains student and head. @param depth D of the student, see `lastLayer` */
export function distilTraining(config: DistilConfig, depth: number): Training {
  return {
    name: 'distil',
    ...trainingOf(config, (parameters, rates) =>
      layerDecayGroups(parameters, { ...rates, layerDecay: config.layerDecay, depth }),
    ),
    trains: /^(student|head)\./,
  };
}

/** Tunes the words of the prompt around the label and nothing else. */
export function promptTraining(config: PromptConfig): Training {
  return {
    name: 'prompt',
    ...trainingOf(config),
    trains: config.tuneBoundaryTokens ? /^prompt\.(context|boundary)$/ : /^prompt\.context$/,
  };
}
