import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { HostTensor } from '@ltml/tensor';
import { SafetensorsFile } from '@ltml/tensor/node';
import { checkpointFolder } from '@ltml/train/node';
import { UsageError } from '../usage-error.ts';
import { fileHash, learnerPrefix, type ModelDescription, type WeightsKind } from './model-bundle.ts';
import { broken } from './read-description.ts';

export interface LoadModelOptions {
  /** Take the weights that a run selected, and nothing else; of a finished run these are its weights if it selects. */
  readonly best?: boolean;
  /** Told of what is wrong and does not keep the model from being used, e.g. a broken checkpoint. */
  readonly onWarning?: (message: string) => void;
}

export interface ReadWeights {
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly kind: WeightsKind;
}

/**
 * The weights of a model, or of the newest checkpoint of a run that has not finished.
 *
 * @param folder of the run, or of the model
 * @param bundle of the model
 */
export async function readWeights(
  folder: string,
  bundle: string,
  { weights }: ModelDescription,
  { best = false, onWarning }: LoadModelOptions,
): Promise<ReadWeights> {
  if (weights) {
    if (best && weights.kind !== 'best') throw new UsageError(`${folder}: no selected weights in it`);
    const path = join(bundle, 'model.safetensors');
    if (!existsSync(path)) throw broken(path, 'there, since model.json names it', 'nothing');
    const sha256 = await fileHash(path);
    if (sha256 !== weights.sha256) throw broken(path, `intact, with SHA-256 ${weights.sha256}`, sha256);
    const file = await SafetensorsFile.open(path);
    try {
      const tensors = new Map<string, HostTensor>();
      for (const name of file.names) tensors.set(name, await file.read(name));
      return { tensors, kind: weights.kind };
    } finally {
      await file.close();
    }
  }
  const store = checkpointFolder(join(folder, 'checkpoints'), onWarning ? { onWarning } : {});
  if (best) {
    const selected = await store.loadBest();
    if (selected) return { tensors: withPrefix(selected.weights), kind: 'best' };
  } else {
    const checkpoint = await store.load();
    if (checkpoint) return evaluatedWeights(checkpoint.tensors);
  }
  throw new UsageError(`${folder}: no ${best ? 'selected weights' : 'checkpoint'} in it`);
}

/** Of a checkpoint the weights that count: the averaged ones where the stage averages. */
function evaluatedWeights(tensors: ReadonlyMap<string, HostTensor>): ReadWeights {
  const model = under(tensors, 'model.');
  const average = [...under(tensors, 'average.')].filter(([name]) => model.has(name));
  return {
    tensors: withPrefix(new Map([...model, ...average])),
    kind: average.length > 0 ? 'averaged' : 'last',
  };
}

function withPrefix(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map([...tensors].map(([name, tensor]) => [`${learnerPrefix}${name}`, tensor]));
}

export function under(tensors: ReadonlyMap<string, HostTensor>, prefix: string): Map<string, HostTensor> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}
