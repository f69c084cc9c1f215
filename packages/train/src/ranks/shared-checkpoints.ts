import { type HostTensor, readSafetensors, writeSafetensors } from '@ltml/tensor';
import type { Communicator } from '@ltml/tensor/contract';
import type { CheckpointStore } from '../checkpoint.ts';
import { type CheckpointState, parseState, stateAsText } from '../checkpoint-state.ts';

/**
 * The checkpoints of a run with several ranks. Rank 0 stores them; what it loads is sent to all ranks. All ranks must
 * save and load together. The stores of the other ranks are not used.
 */
export function sharedCheckpoints(store: CheckpointStore, communicator: Communicator): CheckpointStore {
  const isFirst = communicator.rank === 0;
  /** Sends the tensors and text of rank 0 to all ranks. */
  const share = async (given?: Message): Promise<Message | undefined> => {
    const bytes = given && writeSafetensors(given.tensors, { metadata: { text: given.text } });
    const sent = await communicator.broadcast(bytes ?? new Uint8Array(0));
    if (sent.length === 0) return undefined;
    const { tensors, metadata } = readSafetensors(sent);
    return { tensors, text: metadata.text };
  };
  return {
    async save(checkpoint) {
      if (isFirst) await store.save(checkpoint);
    },
    async load() {
      const own = isFirst ? await store.load() : undefined;
      const loaded = await share(own && { tensors: own.tensors, text: stateAsText(own.state) });
      return loaded && { tensors: loaded.tensors, state: parseState(loaded.text) as CheckpointState };
    },
    async saveBest(best) {
      if (isFirst) await store.saveBest(best);
    },
    async loadBest() {
      const own = isFirst ? await store.loadBest() : undefined;
      const loaded = await share(own && { tensors: own.weights, text: `${own.step}` });
      return loaded && { weights: loaded.tensors, step: Number(loaded.text) };
    },
  };
}

/** Tensors with a text. */
interface Message {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly text: string;
}
