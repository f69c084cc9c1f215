import { trainingOf } from '@ltml/tensor/config';
import type { Stage } from '@ltml/tensor/contract';
import type { DistilConfig, PromptConfig } from './config.ts';
import { layerDecayGroups } from './layer-decay.ts';

/** A stage without the parts that the learner itself adds. */
type Training = Omit<Stage, 'step' | 'beforeEvaluation'>;

/** Training of student and head. @param depth D, the index of the student's last layer; see `lastLayer` */
export function distilTraining(config: DistilConfig, depth: number): Training {
  return {
    name: 'distil',
    ...trainingOf(config, (parameters, rates) =>
      layerDecayGroups(parameters, { ...rates, layerDecay: config.layerDecay, depth }),
    ),
    trains: /^(student|head)\./,
  };
}

/** Tuning of the prompt around the label, and of nothing else. */
export function promptTraining(config: PromptConfig): Training {
  return {
    name: 'prompt',
    ...trainingOf(config),
    trains: config.tuneBoundaryTokens ? /^prompt\.(context|boundary)$/ : /^prompt\.context$/,
  };
}
