import { trainingOf } from '@ltml/tensor/config';
import type { NamedParameter, Stage } from '@ltml/tensor/contract';
import type { CprflConfig } from './config.ts';

/**
 * How the one stage of CPRFL trains. Weight decay spares biases and what has one axis.
 *
 * The schedule may be laid out for more epochs than the stage has, and is left where training ends.
 *
 * Source: the authors' code. Their two groups for the encoder are empty when it runs, and so is the difference here unless
 * `encoder.learningRateScale` is set.
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
