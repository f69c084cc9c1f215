import { DataError } from '@ltml/tensor';
import type { BestWeights, CheckpointStore } from './checkpoint.ts';
import type { CheckpointState } from './checkpoint-state.ts';
import type { SelectionState } from './selection.ts';

/**
 * Checks that the best weights of the selection exist, or will be computed again. @throws DataError if they are missing
 */
export async function checkBest({ selection, cursor }: CheckpointState, store: CheckpointStore): Promise<void> {
  if (selection.best === null) return;
  const saved = await store.loadBest();
  // A process killed between saving the best weights and the checkpoint leaves newer best weights. The run will compute
  // them again.
  if (saved && (saved.step === selection.bestStep || saved.step > cursor.step)) return;
  throw lostBest(selection, saved);
}

/** The error for missing best weights. */
export function lostBest({ bestStep }: SelectionState, saved: BestWeights | undefined): DataError {
  return new DataError({
    where: 'fit',
    argument: 'the best weights',
    expected: `those of step ${bestStep}, which the run selected`,
    received: saved ? `those of step ${saved.step}` : 'none',
    hint: 'Restore the file, or start the run again.',
  });
}
