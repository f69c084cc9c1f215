import { DataError } from '@ltml/tensor';
import type { BestWeights, CheckpointStore } from './checkpoint.ts';
import type { CheckpointState } from './checkpoint-state.ts';
import type { SelectionState } from './selection.ts';

/** The best weights that a selection names must be there, or be computed again on the way. @throws DataError */
export async function checkBest({ selection, cursor }: CheckpointState, store: CheckpointStore): Promise<void> {
  if (selection.best === null) return;
  const saved = await store.loadBest();
  // A kill between the best weights and their checkpoint leaves newer ones, which the run is about to compute again.
  if (saved && (saved.step === selection.bestStep || saved.step > cursor.step)) return;
  throw lostBest(selection, saved);
}

export function lostBest({ bestStep }: SelectionState, saved: BestWeights | undefined): DataError {
  return new DataError({
    where: 'fit',
    argument: 'the best weights',
    expected: `those of step ${bestStep}, which the run selected`,
    received: saved ? `those of step ${saved.step}` : 'none: they are lost',
    hint: 'Put the file back, or start the run anew.',
  });
}
