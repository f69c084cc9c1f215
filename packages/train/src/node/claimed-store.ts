import type { CheckpointStore } from '../checkpoint.ts';
import { checkpointFolder, removeOld } from './checkpoint-folder.ts';
import { saving } from './save-file.ts';

/** The checkpoints of a run. Before each write `claim` checks that the folder still belongs to the run. */
export function claimedStore(
  folder: string,
  claim: () => Promise<void>,
  onWarning: (message: string) => void,
): CheckpointStore {
  let passedOver = false;
  const store = checkpointFolder(folder, {
    onWarning(message) {
      passedOver = true;
      onWarning(message);
    },
  });
  return {
    ...store,
    async load() {
      const checkpoint = await store.load();
      // A process may have been killed between saving the newest checkpoint and deleting the oldest.
      if (checkpoint && !passedOver) await saving(folder, removeOld(folder, checkpoint.state.cursor?.step));
      return checkpoint;
    },
    async save(checkpoint) {
      await claim();
      await store.save(checkpoint);
    },
    async saveBest(best) {
      await claim();
      await store.saveBest(best);
    },
  };
}
