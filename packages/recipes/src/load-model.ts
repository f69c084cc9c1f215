import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ChannelStatistics, type Pipeline, resolvePipeline } from '@ltml/images';
import { DataError, type HostTensor, importState, RandomStreams } from '@ltml/tensor';
import type { Learner, Task } from '@ltml/tensor/contract';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import { SafetensorsFile } from '@ltml/tensor/node';
import { checkpointFolder } from '@ltml/train/node';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { viewOf } from './build/features.ts';
import { buildLearner, statisticsWithoutPairs } from './learner.ts';
import { encoderPrefix, fileHash, learnerPrefix, type ModelDescription, type WeightsKind } from './model-bundle.ts';
import { type ModelRecipe, modelRecipeSchema } from './model-recipe.ts';
import { backbones } from './parts/backbones.ts';
import { datasets } from './parts/datasets.ts';
import { methods } from './parts/methods.ts';
import type { NamedPart } from './parts/part.ts';
import { checkRecipe } from './recipe/check.ts';
import { isObject } from './recipe/merge.ts';
import { UsageError } from './usage-error.ts';

/** What a run learned, ready to be used. */
export interface Model {
  readonly recipe: ModelRecipe;
  /** What it was trained on, to find the test images by. */
  readonly data: NamedPart;
  readonly classes: readonly string[];
  readonly task: Task;
  /** Head, medium and tail classes by the whole training set. */
  readonly groups: FrequencyGroups;
  /** Of the training set, see `groups`. */
  readonly classCounts: readonly number[];
  /** How a picture becomes what {@link encode} takes. */
  readonly pipeline: Pipeline;
  /** The pipeline's last step: by which levels 0 to 255 are normalised. */
  readonly statistics: ChannelStatistics;
  /** Of what the pipeline gives. */
  readonly imageSize: readonly [height: number, width: number];
  /** Which weights these are. */
  readonly weights: WeightsKind;
  /** In evaluation mode. */
  readonly learner: Learner;
  /** What the learner takes in, of normalised images [B, H, W, 3]: themselves, or a view of the frozen encoder. */
  encode(images: tf.Tensor): tf.Tensor;
  dispose(): void;
}

export interface LoadModelOptions {
  /** Take the weights that a run selected, and nothing else; of a finished run these are its weights if it selects. */
  readonly best?: boolean;
  /** Told of what is wrong and does not keep the model from being used, e.g. a broken checkpoint. */
  readonly onWarning?: (message: string) => void;
}

/**
 * Loads what a run learned: the weights that its scores were computed with. Neither training data nor other files of the
 * recipe are needed. A run that has not finished gives its newest checkpoint, with averaged weights where it averages.
 *
 * @param folder of a run, or of a model
 * @throws UsageError if there is no model; DataError if its files are broken or do not fit
 */
export async function loadModel(folder: string, options: LoadModelOptions = {}): Promise<Model> {
  const inRun = existsSync(join(folder, 'model', 'model.json'));
  const bundle = inRun ? join(folder, 'model') : folder;
  const description = readDescription(join(bundle, 'model.json'), folder);
  const { tensors, kind } = await readWeights(folder, bundle, description, options);
  const { recipe, classes, pictures, training, embeddingWidth } = description;
  const statistics = statisticsOf(pictures.pipeline);
  const random = new RandomStreams(recipe.seed);
  const backbone = await backbones.create(recipe.backbone, random.stream('init'));
  const task = { classes, statistics: statisticsWithoutPairs(training.images, training.classCounts) };
  const learner = await buildLearner(recipe, {
    task,
    backbone: { ...backbone, statistics },
    random,
    loss: { criterion: untrained, reduction: 'mean', scores: description.scores, softLabels: true },
    train: untrained,
    ...(embeddingWidth !== undefined && { embeddings: tf.zeros<tf.Rank.R2>([classes.length, embeddingWidth]) }),
  });
  const frozen = recipe.frozen ? backbone.encoder.eval() : undefined;
  const dispose = (): void => {
    frozen?.dispose();
    learner.dispose();
  };
  try {
    importState(learner, under(tensors, learnerPrefix));
    const ofEncoder = under(tensors, encoderPrefix);
    if (frozen && ofEncoder.size > 0) importState(frozen, ofEncoder);
  } catch (error) {
    dispose();
    throw error;
  }
  learner.eval();
  const view = methods[recipe.method.name].reads;
  return {
    recipe,
    data: training.data,
    classes,
    task,
    groups: frequencyGroups(training.groupCounts),
    classCounts: training.groupCounts,
    pipeline: pictures.pipeline,
    statistics,
    imageSize: [pictures.height, pictures.width],
    weights: kind,
    learner,
    encode: (images) => (frozen ? viewOf(frozen, view, images) : tf.clone(images)),
    dispose,
  };
}

function untrained(): never {
  throw new UsageError('a model is not trained further');
}

const checkedParts = z.object({
  recipe: modelRecipeSchema,
  training: z.object({ data: datasets.schema }),
  scores: z.enum(['sigmoid', 'softmax', 'relative']),
});

/** @throws UsageError if it is not there; DataError if it is no description of a model */
function readDescription(path: string, folder: string): ModelDescription {
  if (!existsSync(path)) throw new UsageError(`no run in ${folder}, and no model: there is no ${path}`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw broken(path, 'JSON', (error as Error).message);
  }
  if (!isObject(value) || value.format !== 'ltml-model' || value.version !== 1) {
    throw broken(path, 'a model of form 1', isObject(value) ? `form ${value.version}` : 'something else');
  }
  const { classes, pictures, training } = value as unknown as ModelDescription;
  const isCount = (size: unknown): boolean => Number.isInteger(size) && (size as number) > 0;
  const areNumbers = (list: unknown): boolean =>
    Array.isArray(list) && list.length === classes.length && list.every(Number.isFinite);
  const fits =
    Array.isArray(classes) &&
    classes.every((name) => typeof name === 'string') &&
    isCount(pictures?.height) &&
    isCount(pictures?.width) &&
    Array.isArray(pictures?.pipeline) &&
    areNumbers(training?.classCounts) &&
    areNumbers(training?.groupCounts);
  if (!fits) throw broken(path, 'complete', 'one without classes, pictures or training');
  checkPipeline(pictures.pipeline, path);
  // Checked like a recipe, since a file from elsewhere may say anything.
  const checked = checkRecipe({ value, locate: () => path }, checkedParts);
  return {
    ...(value as unknown as ModelDescription),
    recipe: checked.recipe,
    training: { ...training, data: checked.training.data },
  };
}

/** @throws DataError unless its steps are known and it ends in a normalisation */
function checkPipeline(pipeline: Pipeline, path: string): void {
  try {
    resolvePipeline(pipeline);
  } catch (error) {
    throw broken(path, 'a pipeline of pictures', (error as Error).message);
  }
  if (pipeline.at(-1)?.name !== 'normalize') throw broken(path, 'a pipeline that ends in normalize', 'another');
}

function statisticsOf(pipeline: Pipeline): ChannelStatistics {
  const { mean, std } = pipeline.at(-1) as { readonly name: 'normalize' } & ChannelStatistics;
  return { mean, std };
}

async function readWeights(
  folder: string,
  bundle: string,
  { weights }: ModelDescription,
  { best = false, onWarning }: LoadModelOptions,
): Promise<{ tensors: ReadonlyMap<string, HostTensor>; kind: WeightsKind }> {
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
function evaluatedWeights(tensors: ReadonlyMap<string, HostTensor>): {
  tensors: ReadonlyMap<string, HostTensor>;
  kind: WeightsKind;
} {
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

function under(tensors: ReadonlyMap<string, HostTensor>, prefix: string): Map<string, HostTensor> {
  return new Map(
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
}

function broken(path: string, expected: string, received: string): DataError {
  return new DataError({ where: 'loadModel', argument: path, expected, received });
}
