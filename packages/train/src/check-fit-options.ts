import { checkChoice, checkCount, checkFlag, checkNumber, checkOptionNames, OptionError } from '@ltml/tensor';
import type { Stage } from '@ltml/tensor/contract';
import type { FitOptions } from './fit-options.ts';
import { checkMetric, type SelectionOptions } from './selection.ts';
import type { Validation } from './validation.ts';

/** Rejects wrong options of `fit` before the first step. */
export function checkFitOptions(options: FitOptions): void {
  checkOptionNames('fit', options, [
    'learner',
    'loader',
    'stageLoaders',
    'random',
    'accumulate',
    'stageSteps',
    'validation',
    'selection',
    'checkpoints',
    'observers',
    'communicator',
    'eager',
    'precision',
    'signal',
  ]);
  const { learner, loader, stageLoaders = {}, accumulate = 1, stageSteps = {} } = options;
  const { eager = false, precision = 'float32' } = options;
  const { validation, selection, checkpoints } = options;
  checkStages(learner.stages);
  checkCount('fit', 'options.loader.batchesPerEpoch', loader.batchesPerEpoch);
  for (const [name, own] of Object.entries(stageLoaders)) {
    checkCount('fit', `options.stageLoaders.${name}.batchesPerEpoch`, own.batchesPerEpoch);
  }
  checkStageNames(learner.stages, { stageLoaders, stageSteps });
  checkCount('fit', 'options.accumulate', accumulate);
  for (const { name, epochs } of learner.stages.filter((stage) => Object.hasOwn(stageSteps, stage.name))) {
    const { batchesPerEpoch } = Object.hasOwn(stageLoaders, name) ? stageLoaders[name] : loader;
    const ofEpoch = Math.ceil(batchesPerEpoch / accumulate);
    const ends = { min: Math.max(epochs - 1, 0) * ofEpoch + Math.min(epochs, 1), max: epochs * ofEpoch };
    checkCount('fit', `options.stageSteps.${name}`, stageSteps[name], ends);
  }
  checkFlag('fit', 'options.eager', eager);
  checkChoice('fit', 'options.precision', precision, ['float32', 'mixed']);
  if (checkpoints) {
    const { everySteps = 1, resume = false, sameEngine = false } = checkpoints;
    checkOptionNames('fit', checkpoints, ['store', 'everySteps', 'resume', 'configHash', 'sameEngine']);
    checkCount('fit', 'options.checkpoints.everySteps', everySteps);
    checkFlag('fit', 'options.checkpoints.resume', resume);
    checkFlag('fit', 'options.checkpoints.sameEngine', sameEngine);
  }
  if (validation) {
    const { batchSize = 64, every = 1 } = validation;
    checkOptionNames('fit', validation, ['dataset', 'batchSize', 'every', 'metrics']);
    checkCount('fit', 'options.validation.batchSize', batchSize);
    checkCount('fit', 'options.validation.every', every);
  }
  if (selection) checkSelection(selection, validation);
}

/** Checks the stages of a learner now: some of these values are first used after hours of training. */
function checkStages(stages: readonly Stage[]): void {
  for (const [i, { epochs, maxGradientNorm, averageDecay, lossReduction = 'mean' }] of stages.entries()) {
    const stage = `options.learner.stages[${i}]`;
    checkCount('fit', `${stage}.epochs`, epochs, { min: 0 });
    if (maxGradientNorm !== undefined) checkNumber('fit', `${stage}.maxGradientNorm`, maxGradientNorm, { above: 0 });
    if (averageDecay !== undefined) checkNumber('fit', `${stage}.averageDecay`, averageDecay, { min: 0, max: 1 });
    checkChoice('fit', `${stage}.lossReduction`, lossReduction, ['mean', 'sum']);
  }
}

function checkStageNames(stages: readonly Stage[], named: Readonly<Record<string, object>>): void {
  const names = stages.map(({ name }) => name);
  for (const [option, byStage] of Object.entries(named)) {
    const stray = Object.keys(byStage).find((name) => !names.includes(name));
    if (stray === undefined) continue;
    throw new OptionError({
      where: 'fit',
      argument: `options.${option}`,
      expected: `named by stages of the learner: ${names.join(', ')}`,
      received: `the unknown stage "${stray}"`,
    });
  }
}

function checkSelection(selection: SelectionOptions, validation: Validation | undefined): void {
  const { mode = 'max', patience = 1, metric } = selection;
  checkOptionNames('fit', selection, ['metric', 'mode', 'patience']);
  checkChoice('fit', 'options.selection.mode', mode, ['max', 'min']);
  checkCount('fit', 'options.selection.patience', patience);
  if (!validation) {
    throw new OptionError({
      where: 'fit',
      argument: 'options.validation',
      expected: 'given, since options.selection needs its metrics',
      received: 'nothing',
    });
  }
  const { names } = validation.metrics;
  if (names) checkMetric(metric, names);
}
