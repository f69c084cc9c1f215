import { NotSupportedError } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { CheckpointState } from './checkpoint-state.ts';

/**
 * Describes how this run's engine differs from that of a checkpoint, so that numbers will differ slightly. Undefined if
 * it does not.
 *
 * @param compiled whether this run compiles steps
 * @throws NotSupportedError if they differ and `sameEngine` is set
 */
export function engineDifference(
  state: Pick<CheckpointState, 'backend' | 'compiled'>,
  compiled: boolean,
  sameEngine: boolean | undefined,
): string | undefined {
  const names = (engine: string, graphs: boolean): string => `${engine}, ${graphs ? 'compiled' : 'op by op'}`;
  const [there, here] = [names(state.backend, state.compiled), names(tf.getBackend(), compiled)];
  if (there === here) return undefined;
  if (!sameEngine) {
    return `the checkpoint was computed on ${there}, this run uses ${here}: numbers will differ in their last digits`;
  }
  throw new NotSupportedError({
    where: 'fit',
    argument: 'the engine',
    expected: `that of the checkpoint (${there}), since options.checkpoints.sameEngine is set`,
    received: here,
  });
}
