import type { TinyClip } from '@ltml/backbone';
import { loadTinyClip } from '@ltml/backbone/node';
import { BatchLoader, type Dataset, UniformSampler } from '@ltml/data';
import { LtmlError, RandomStreams } from '@ltml/tensor';
import type { ClassStatistics, Encoder, Learner, MethodParts, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ModelRecipe } from './model/model-recipe.ts';
import { classEmbeddings } from './parts/class-embeddings.ts';
import { encoders, type LoadedEncoder } from './parts/encoders.ts';
import { type BoundLoss, losses } from './parts/losses.ts';
import { methods } from './parts/methods.ts';
import type { NamedPart } from './parts/part.ts';
import type { Recipe } from './recipe/recipe.ts';
import { EntryError } from './usage-error.ts';

/** What a learner is built from besides its recipe. */
export interface LearnerParts {
  readonly task: Task;
  readonly encoder: LoadedEncoder;
  readonly random: RandomStreams;
  /** Left out for a method with a loss of its own. */
  readonly loss?: BoundLoss;
  /** What batches are drawn from. */
  train(): Dataset;
  /** [C, E] for a method that takes them, in place of what the recipe names; disposed of. */
  readonly embeddings?: tf.Tensor2D;
}

/**
 * Builds the learner that a recipe names; its weights are as they begin.
 *
 * @throws EntryError if the method needs what the recipe has not
 */
export async function buildLearner(recipe: ModelRecipe, parts: LearnerParts): Promise<Learner> {
  const { task, encoder, random } = parts;
  const { name, options, classEmbeddings: source } = recipe.method;
  const { needs, create } = methods[name];
  if (needs.images && recipe.frozen) throw new EntryError(`should be null: ${name} looks at images`, 'cachedViews');
  const embeddings = source && (parts.embeddings ?? (await embed(source, task)));
  try {
    const given: MethodParts = {
      features: encoder.features,
      ...(!recipe.frozen && { encoder: encoder.network }),
      ...(needs.encoders === 2 && { keyEncoder: await secondEncoder(recipe) }),
      ...(needs.teacher && { teacher: (await tinyClip()).clip.visual }),
      ...(needs.text === 'tower' && textsOf(await tinyClip())),
      ...(embeddings && { classEmbeddings: embeddings }),
      ...(needs.trainingSet && { trainingSet: ({ epoch }) => batchesOf(parts.train(), random.seed, epoch) }),
      ...(needs.loss !== 'own' && parts.loss && criterionOf(parts.loss)),
    };
    return create(task, given, options, random);
  } finally {
    embeddings?.dispose();
  }
}

/** Teacher and text tower of all learners, which leave them as they are. */
let loadedClip: Promise<TinyClip> | undefined;

function tinyClip(): Promise<TinyClip> {
  loadedClip ??= loadTinyClip();
  return loadedClip;
}

function textsOf({ clip, tokenizer }: TinyClip): Pick<MethodParts, 'textTower' | 'tokenizer'> {
  return { textTower: clip.text, tokenizer };
}

function criterionOf({ criterion, reduction, scores, softLabels }: BoundLoss): Partial<MethodParts> {
  return { criterion, lossReduction: reduction, scores, softLabels };
}

/** The training set once over, augmented and shuffled, and the same for the same epoch however often it is asked for. */
function batchesOf(dataset: Dataset, seed: number, epoch: number): ReturnType<BatchLoader['epoch']> {
  const random = new RandomStreams(seed + 1000 * (epoch + 1));
  const sampler = new UniformSampler({ length: dataset.labels.rows, random: random.stream('shuffle') });
  return new BatchLoader({ dataset, sampler, batchSize: 64, random }).epoch();
}

/** @throws UsageError if files of it are not there or do not fit */
async function embed(source: NamedPart, { classes }: Task): Promise<tf.Tensor2D> {
  try {
    return await classEmbeddings.create(source, classes);
  } catch (error) {
    throw new EntryError((error as Error).message, 'method.classEmbeddings');
  }
}

/**
 * The loss that a recipe names. It is computed once, so that one that can't be had with these classes is refused before
 * any work.
 *
 * @throws UsageError
 */
export function bindLoss(config: NonNullable<Recipe['loss']>, task: Task): BoundLoss {
  const loss = losses.create(config, task.statistics);
  const zeros = tf.zeros<tf.Rank.R2>([1, task.classes.length]);
  const ones = tf.onesLike(zeros);
  try {
    tf.dispose(tf.tidy(() => loss.criterion(zeros, zeros, ones)));
    return loss;
  } catch (error) {
    if (!LtmlError.is(error)) throw error;
    throw new EntryError((error as Error).message, 'loss');
  } finally {
    tf.dispose([zeros, ones]);
  }
}

/** Another network of the kind that the recipe names; its weights are copied over by the method. */
async function secondEncoder(recipe: ModelRecipe): Promise<Encoder> {
  const { network } = await encoders.create(recipe.encoder, new RandomStreams(recipe.seed).stream('init'));
  return network;
}

/** What losses and methods ask of the classes when they are built for prediction, where no numbers of it count. */
export function statisticsWithoutPairs(trainCount: number, classCounts: readonly number[]): ClassStatistics {
  const row = classCounts.map(() => 0);
  return { trainCount, classCounts, cooccurrence: classCounts.map(() => row) };
}
