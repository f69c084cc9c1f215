import { BatchLoader, type LabelledInputs, UniformSampler } from '@ltml/data';
import { RandomStreams } from '@ltml/tensor';
import type {
  ClassStatistics,
  Encoder,
  EncodingName,
  Learner,
  Method,
  MethodNeeds,
  MethodParts,
  Task,
  TextTokenizer,
  TextTower,
} from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';
import type { ModelRecipe } from './model/model-recipe.ts';
import type { LoadedEncoder } from './parts/encoders.ts';
import type { BoundLoss } from './parts/losses.ts';
import { EntryError } from './usage-error.ts';

/** What a learner is built from, besides its recipe. */
export interface LearnerParts {
  /** The method that the recipe names. */
  readonly method: Pick<Method, 'needs' | 'create'>;
  readonly task: Task;
  readonly encoder: LoadedEncoder;
  readonly random: RandomStreams;
  /** Left out if the method has its own loss. */
  readonly loss?: BoundLoss;
  /** The training set that batches are read from. */
  train(): LabelledInputs;
  readonly sources: LearnerSources;
}

/** Sources of further parts. Each is called only if the method needs the part. */
export interface LearnerSources {
  /** A second encoder, which the learner owns; its weights do not matter. */
  secondEncoder(): Promise<Encoder>;
  /** The image tower of a CLIP, which is not trained. */
  teacher(): Promise<Encoder>;
  /** The text tower of the same CLIP, which is not trained. */
  texts(): Promise<Texts>;
  /** Class embeddings [C, E]; the caller disposes of them. */
  embeddings(): Promise<tf.Tensor2D>;
}

/** A text tower with its tokenizer. */
export interface Texts {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
}

/**
 * Builds the learner that a recipe names, with its initial weights.
 *
 * @throws EntryError if the recipe lacks something that the method needs
 */
export async function buildLearner(recipe: ModelRecipe, parts: LearnerParts): Promise<Learner> {
  const { task, encoder, random, sources } = parts;
  const { name, options, classEmbeddings } = recipe.method;
  const { needs, create } = parts.method;
  if (needs.images && recipe.frozen)
    throw new EntryError(`should be null: ${name} takes images, not features`, 'features');
  const embeddings = classEmbeddings ? await sources.embeddings() : undefined;
  const texts = readsTexts(needs, options) && !classEmbeddings ? await sources.texts() : undefined;
  try {
    const given: MethodParts = {
      features: widthOf(encoder, needs.encodings),
      ...(!recipe.frozen && { encoder: encoder.network }),
      ...(needs.encoders === 2 && { keyEncoder: await sources.secondEncoder() }),
      ...(needs.teacher && { teacher: await sources.teacher() }),
      ...(texts && { textTower: texts.textTower, tokenizer: texts.tokenizer }),
      ...(embeddings && { classEmbeddings: embeddings }),
      ...(needs.trainingSet && { trainingSet: ({ epoch }) => batchesOf(parts.train(), random.seed, epoch) }),
      ...(needs.loss !== 'own' && parts.loss && criterionOf(parts.loss)),
    };
    return create(task, given, options, random);
  } finally {
    embeddings?.dispose();
  }
}

/** Width of the first of the wanted encodings that the encoder has. */
function widthOf({ features, mapFeatures, encodings }: LoadedEncoder, wanted: readonly EncodingName[]): number {
  // An encoder with patches has tokens, too.
  const found = wanted.find((name) => encodings.includes(name === 'tokens' ? 'patches' : name));
  return found === 'featureMap' ? mapFeatures : features;
}

/** Whether a method with these options reads texts with a text tower. */
export function readsTexts({ text, textUnless }: MethodNeeds, options: object): boolean {
  const other = textUnless === undefined ? 0 : (options as Readonly<Record<string, unknown>>)[textUnless];
  return text === 'tower' && !((other as number) > 0);
}

function criterionOf({ criterion, reduction, scores, softLabels }: BoundLoss): Partial<MethodParts> {
  return { criterion, lossReduction: reduction, scores, softLabels };
}

/** One pass over the training set, shuffled and augmented. Equal epochs give equal batches. */
function batchesOf(dataset: LabelledInputs, seed: number, epoch: number): ReturnType<BatchLoader['epoch']> {
  const random = new RandomStreams(seed + 1000 * (epoch + 1));
  const sampler = new UniformSampler({ length: dataset.labels.rows, random: random.stream('shuffle') });
  return new BatchLoader({ dataset, sampler, batchSize: 64, random }).epoch();
}

/** Class statistics without counts of pairs, for users that need none: for many classes they would be large. */
export function statisticsWithoutPairs(trainCount: number, classCounts: readonly number[]): ClassStatistics {
  const row = classCounts.map(() => 0);
  return { trainCount, classCounts, cooccurrence: classCounts.map(() => row) };
}
