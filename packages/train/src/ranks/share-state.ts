import {
  exportState,
  importState,
  type Module,
  type RandomStreams,
  readSafetensors,
  writeSafetensors,
} from '@ltml/tensor';
import type { Communicator } from '@ltml/tensor/contract';

/** Copies the parameters, buffers and random streams of rank 0 to every rank. */
export async function shareState(communicator: Communicator, module: Module, random: RandomStreams): Promise<void> {
  const isFirst = communicator.rank === 0;
  const own = isFirst
    ? writeSafetensors(await exportState(module), { metadata: { random: JSON.stringify(random.state()) } })
    : undefined;
  const { tensors, metadata } = readSafetensors(await communicator.broadcast(own));
  if (isFirst) return;
  importState(module, tensors);
  random.restore(JSON.parse(metadata.random));
}
