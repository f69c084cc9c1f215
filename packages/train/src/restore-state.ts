import type { RandomStreams } from '@ltml/tensor';
import { type CheckpointState, refusal } from './checkpoint-state.ts';
import type { TrainLoader } from './fit-options.ts';

/** What of a run goes back to a checkpoint besides the weights. */
export interface Restorable {
  readonly random: RandomStreams;
  /** Of each stage. */
  readonly loaders: readonly TrainLoader[];
}

/** Random streams and loaders, then the weights; if any of them does not fit, all are as they were. */
export function restoreState(
  state: Pick<CheckpointState, 'random' | 'loaders' | 'cursor'>,
  { random, loaders }: Restorable,
  importWeights: () => void,
): void {
  const restore = (streams: CheckpointState['random'], places: CheckpointState['loaders']): void => {
    random.restore(streams);
    // The running stage last: loaders may share a stream, which must then stand where this one left it.
    const order = [...loaders.keys()].filter((index) => index !== state.cursor.stage);
    for (const index of [...order, state.cursor.stage]) {
      try {
        loaders[index].importState(places[index]);
      } catch (cause) {
        const { message } = cause as Error;
        throw refusal(`loaders.${index}`, 'the state of a loader like that of this run', message, cause);
      }
    }
  };
  const before = random.state();
  const places = loaders.map((loader) => loader.exportState());
  try {
    restore(state.random, state.loaders);
    importWeights();
  } catch (error) {
    restore(before, places);
    throw error;
  }
}
