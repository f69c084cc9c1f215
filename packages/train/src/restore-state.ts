import type { RandomStreams } from '@ltml/tensor';
import { type CheckpointState, refusal } from './checkpoint-state.ts';
import type { TrainLoader } from './fit-options.ts';

/** The parts of a run, besides the weights, that a checkpoint restores. */
export interface Restorable {
  readonly random: RandomStreams;
  /** One for each stage. */
  readonly loaders: readonly TrainLoader[];
}

/** Restores random streams and loaders, then the weights. If one of them does not fit, all are left as they were. */
export function restoreState(
  state: Pick<CheckpointState, 'random' | 'loaders' | 'cursor'>,
  { random, loaders }: Restorable,
  importWeights: () => void,
): void {
  const restore = (streams: CheckpointState['random'], places: CheckpointState['loaders']): void => {
    random.restore(streams);
    // The running stage comes last: loaders may share a random stream, which must end in the state of this one.
    const order = [...loaders.keys()].filter((index) => index !== state.cursor.stage);
    for (const index of [...order, state.cursor.stage]) {
      try {
        loaders[index].importState(places[index]);
      } catch (cause) {
        const { message } = cause as Error;
        throw refusal(`loaders.${index}`, 'a state that fits the loader of this run', message, cause);
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
