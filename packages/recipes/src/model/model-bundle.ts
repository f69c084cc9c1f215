import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pipeline } from '@ltml/images';
import { exportState, type HostTensor } from '@ltml/tensor';
import type { ScoreKind } from '@ltml/tensor/contract';
import { writeFileAtomically, writeSafetensorsFile } from '@ltml/tensor/node';
import { configHash } from '@ltml/train/node';
import { picturesOf } from '../build/pictures.ts';
import type { BuiltRecipe } from '../build.ts';
import type { NamedPart } from '../parts/part.ts';
import { type ModelRecipe, modelRecipeOf } from './model-recipe.ts';

/** Which weights of a run a model has: those that its scores were computed with. */
export type WeightsKind = 'best' | 'averaged' | 'last';

/** `model.json`: all that is needed to use what a run learned, besides the weights. */
export interface ModelDescription {
  readonly format: 'ltml-model';
  readonly version: 1;
  readonly name: string;
  readonly classes: readonly string[];
  readonly pictures: {
    readonly height: number;
    readonly width: number;
    /** How pictures of any size become inputs of this one. */
    readonly pipeline: Pipeline;
  };
  /** What its scores mean. */
  readonly scores: ScoreKind;
  /**
   * From which score on a class is present: one a class, or by the largest gap of each image (`mcut` of `@ltml/metrics`);
   * null until `ltml tune` has chosen.
   */
  readonly thresholds: Thresholds | null;
  /** By which scores become probabilities: σ(score / temperature), or the softmax; null until `ltml tune` has fitted it. */
  readonly calibration: Calibration | null;
  /** Of the images that it was trained on. */
  readonly training: {
    readonly images: number;
    readonly classCounts: readonly number[];
    /** [C] counts by which classes are head, medium and tail: those of the whole training set. */
    readonly groupCounts: readonly number[];
    /** The data set, to find its test images by. */
    readonly data: NamedPart;
  };
  /** E of the class embeddings, which stand among the weights; left out by methods without. */
  readonly embeddingWidth?: number;
  /** Encoder and method, with their options. */
  readonly recipe: ModelRecipe;
  /** SHA-256 of the whole recipe as JSON with sorted keys, which stands in the run folder. */
  readonly recipeHash: string;
  /** Null until the run has finished: until then its newest checkpoint counts. */
  readonly weights: StoredWeights | null;
}

/** [C] lowest scores at which classes are present, of the scores as `predict` gives them, or a rule for each image. */
export type Thresholds = readonly number[] | 'mcut';

export interface Calibration {
  readonly temperature: number;
}

export interface StoredWeights {
  readonly file: 'model.safetensors';
  readonly sha256: string;
  readonly kind: WeightsKind;
  /** Optimiser steps of the run when it had them. */
  readonly step: number;
}

export const learnerPrefix = 'learner.';
export const encoderPrefix = 'encoder.';

/** Describes what a run is about to learn. */
export async function describeModel(built: BuiltRecipe): Promise<ModelDescription> {
  const { recipe, learner, task, splits, pipelines } = built;
  const [height, width] = picturesOf(splits.test, pipelines.test).inputs.shape;
  const { trainCount, classCounts: trained } = task.statistics;
  const embeddingWidth = embeddingsOf(await exportState(learner))?.shape[1];
  return {
    format: 'ltml-model',
    version: 1,
    name: recipe.name,
    classes: task.classes,
    pictures: { height, width, pipeline: pipelines.test },
    scores: learner.scores,
    thresholds: null,
    calibration: null,
    training: { images: trainCount, classCounts: trained, groupCounts: splits.classCounts, data: recipe.data },
    ...(embeddingWidth !== undefined && { embeddingWidth }),
    recipe: modelRecipeOf(recipe),
    recipeHash: configHash(recipe),
    weights: null,
  };
}

/** Class embeddings among the state of a learner: cprfl's and sarb's names for them. */
function embeddingsOf(state: ReadonlyMap<string, HostTensor>): HostTensor | undefined {
  const name = [...state.keys()].find((key) => /(^|\.)(class_embeddings|wordFeatures)$/.test(key));
  return name === undefined ? undefined : state.get(name);
}

/** Writes `model.json` without weights, so that a run that has not finished can be used as well. */
export async function writeDescription(folder: string, description: ModelDescription): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFileAtomically(join(folder, 'model.json'), [`${JSON.stringify(description, null, 2)}\n`]);
}

/** Writes the weights that the learner holds, with those of an encoder that rests, and then `model.json`. */
export async function writeModel(
  folder: string,
  { learner, frozen }: Pick<BuiltRecipe, 'learner' | 'frozen'>,
  description: ModelDescription,
  weights: Pick<StoredWeights, 'kind' | 'step'>,
): Promise<void> {
  const tensors = new Map([
    ...withPrefix(learnerPrefix, await exportState(learner)),
    ...(frozen ? withPrefix(encoderPrefix, await exportState(frozen)) : []),
  ]);
  await mkdir(folder, { recursive: true });
  const file = 'model.safetensors';
  const path = join(folder, file);
  await writeSafetensorsFile(path, tensors, { metadata: { format: 'ltml-model' } });
  await writeDescription(folder, { ...description, weights: { file, sha256: await fileHash(path), ...weights } });
}

function withPrefix(prefix: string, tensors: ReadonlyMap<string, HostTensor>): [string, HostTensor][] {
  return [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor]);
}

/** SHA-256 of a file. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}
