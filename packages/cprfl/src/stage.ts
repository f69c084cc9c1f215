import { trainingOf } from '@ltml/tensor/config';
import type { NamedParameter, Stage } from '@ltml/tensor/contract';
import type { CprflConfig } from './config.ts';

/**
 * The optimiser and schedule of CPRFL's only stage.
 *
 * Weight decay applies to parameters with two axes or more, but not to biases. The schedule can be planned for more
 * epochs than the stage has. Training then ends before the schedule does.
 *
 * Source: the authors' code. It has two parameter groups for the encoder, but they stay empty. So here the encoder has
 * the same learning rate as the head, unless `encoder.learningRateScale` is set.
 */
export function trainingStage(config: CprflConfig): Omit<Stage, 'step'> {
  return {
    name: 'train',
    ...trainingOf(config, (parameters, { learningRate, weightDecay }) => {
      const own = { learningRate, inEncoder: false };
      const borrowed = { learningRate: learningRate * config.encoder.learningRateScale, inEncoder: true };
      return [own, borrowed].flatMap(({ learningRate, inEncoder }) =>
        [true, false].map((decays) => ({
          parameters: parameters.filter(
            (entry) => entry[0].startsWith('encoder.') === inEncoder && isDecayed(entry) === decays,
          ),
          learningRate,
          weightDecay: decays ? weightDecay : 0,
        })),
      );
    }),
  };
}

function isDecayed([name, parameter]: NamedParameter): boolean {
  return parameter.shape.length >= 2 && !name.endsWith('.bias');
}
