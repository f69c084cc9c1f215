import { Adam, AdamW, constantRate, oneCycle } from '@ltml/tensor';
import type { NamedParameter, Stage } from '@ltml/tensor/contract';
import type { CprflConfig } from './config.ts';

/**
 * How the one stage of CPRFL trains: AdamW (or Adam) under a one-cycle schedule that also cycles β₁, and averaged weights.
 *
 * The schedule is laid out for `scheduleEpochs` and left where training ends. Weight decay spares biases and what has
 * one axis.
 *
 * Source: the authors' code. Their two groups for the encoder are empty when it runs, and so is the difference here unless
 * `learningRateScale` is set. The paper has Adam and no schedule, `optimizer.decay: 'coupled', scheduleEpochs: null`.
 */
export function trainingSchedule(config: CprflConfig): Omit<Stage, 'step'> {
  const { epochs, scheduleEpochs, averageDecay } = config;
  const Optimizer = config.optimizer.decay === 'coupled' ? Adam : AdamW;
  return {
    name: 'train',
    epochs,
    optimizer: (parameters) => new Optimizer(parameterGroups(config, parameters)),
    schedule: (totalSteps) =>
      scheduleEpochs === null
        ? constantRate()
        : oneCycle({ totalSteps: (totalSteps / epochs) * scheduleEpochs, riseFraction: 0.1, momentum: [0.95, 0.85] }),
    ...(averageDecay !== null && { averageDecay }),
  };
}

function parameterGroups({ optimizer, encoder }: CprflConfig, parameters: readonly NamedParameter[]) {
  const { learningRate, weightDecay } = optimizer;
  const own = { learningRate, inEncoder: false };
  const borrowed = { learningRate: learningRate * encoder.learningRateScale, inEncoder: true };
  return [own, borrowed].flatMap(({ learningRate, inEncoder }) =>
    [true, false].map((decays) => ({
      parameters: parameters.filter(
        (entry) => entry[0].startsWith('encoder.') === inEncoder && isDecayed(entry) === decays,
      ),
      learningRate,
      weightDecay: decays ? weightDecay : 0,
    })),
  );
}

function isDecayed([name, parameter]: NamedParameter): boolean {
  return parameter.shape.length >= 2 && !name.endsWith('.bias');
}
