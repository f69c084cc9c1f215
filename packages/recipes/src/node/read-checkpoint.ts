import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { exportState, type HostTensor, RandomStreams } from '@ltml/tensor';
import { checkpointFolder } from '@ltml/train/node';
import { withoutLoss } from '../build/loss-state.ts';
import type { ModelDescription } from '../model/model-description.ts';
import type { ModelContents } from '../model/open-model.ts';
import { encoderPrefix, learnerPrefix, under, withPrefix } from '../model/tensor-names.ts';
import { encoders } from '../parts/encoders.ts';
import { UsageError } from '../usage-error.ts';
import { ClipTowers } from './clip-towers.ts';
import { loadNetwork } from './load-network.ts';
import { textTensors } from './text-tensors.ts';

/** Options of {@link readCheckpoint}. */
export interface CheckpointChoice {
  /** Read the best weights so far, by the run's selection. */
  readonly best: boolean;
  /** Called for damaged checkpoints. */
  readonly onWarning?: (message: string) => void;
}

/** Reads the weights of an unfinished run from its newest checkpoint, and those of its frozen encoder. */
export async function readCheckpoint(
  folder: string,
  description: ModelDescription,
  { best, onWarning }: CheckpointChoice,
): Promise<ModelContents> {
  const store = checkpointFolder(join(folder, 'checkpoints'), onWarning ? { onWarning } : {});
  const selected = best ? await store.loadBest() : undefined;
  const checkpoint = best ? undefined : await store.load();
  const learned = selected
    ? { tensors: selected.weights, kind: 'best' as const }
    : checkpoint && evaluatedWeights(checkpoint.tensors);
  if (!learned) throw new UsageError(`${folder}: has no ${best ? 'selected weights' : 'checkpoint'}`);
  const { tensors: ofText = [], tokenizer } = description.text ? await textsOf(description) : {};
  const tensors = new Map([
    ...withPrefix(learnerPrefix, withoutLoss(learned.tensors)),
    ...(description.recipe.frozen ? await frozenEncoder(description) : []),
    ...ofText,
  ]);
  return { tensors, kind: learned.kind, hash: hashOf(tensors), ...(tokenizer !== undefined && { tokenizer }) };
}

/** The weights of a checkpoint that are evaluated: the averaged ones, if the stage averages. */
function evaluatedWeights(tensors: ReadonlyMap<string, HostTensor>): Pick<ModelContents, 'tensors' | 'kind'> {
  const model = under(tensors, 'model.');
  const average = [...under(tensors, 'average.')].filter(([name]) => model.has(name));
  return { tensors: new Map([...model, ...average]), kind: average.length > 0 ? 'averaged' : 'last' };
}

function hashOf(tensors: ReadonlyMap<string, HostTensor>): string {
  const hash = createHash('sha256');
  for (const [name, { data }] of tensors) {
    hash.update(name);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}

async function textsOf({ recipe }: ModelDescription): ReturnType<typeof textTensors> {
  const clip = new ClipTowers(recipe.method.clip, recipe.seed);
  try {
    return await textTensors(clip);
  } finally {
    clip.dispose();
  }
}

async function frozenEncoder({ recipe }: ModelDescription): Promise<[string, HostTensor][]> {
  const random = new RandomStreams(recipe.seed).stream('init');
  const { network } = await encoders.create(recipe.encoder, { random, load: loadNetwork });
  try {
    return withPrefix(encoderPrefix, await exportState(network));
  } finally {
    network.dispose();
  }
}
