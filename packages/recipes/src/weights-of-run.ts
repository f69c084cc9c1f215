import { join } from 'node:path';
import type { HostTensor } from '@ltml/tensor';
import { checkpointFolder } from '@ltml/train/node';
import { UsageError } from './usage-error.ts';

/**
 * The learner's weights of a run: the newest, or those that were selected.
 *
 * @throws UsageError if the run has none
 */
export async function readWeights(run: string, best: boolean): Promise<ReadonlyMap<string, HostTensor>> {
  const store = checkpointFolder(join(run, 'checkpoints'));
  const prefix = 'model.';
  const weights = best
    ? (await store.loadBest())?.weights
    : new Map(
        [...((await store.load())?.tensors ?? [])]
          .filter(([name]) => name.startsWith(prefix))
          .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
      );
  if (weights && weights.size > 0) return weights;
  throw new UsageError(`${run}: no ${best ? 'selected weights' : 'checkpoint'} in it`);
}
