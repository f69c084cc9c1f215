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

/** What a learner is built from besides its recipe. */
export interface LearnerParts {
  /** The one that the recipe names. */
  readonly method: Pick<Method, 'needs' | 'create'>;
  readonly task: Task;
  readonly encoder: LoadedEncoder;
  readonly random: RandomStreams;
  /** Left out for a method with a loss of its own. */
  readonly loss?: BoundLoss;
  /** What batches are drawn from. */
  train(): LabelledInputs;
  readonly sources: LearnerSources;
}

/** Where a learner has what it is made of besides its encoder, if its method needs it. */
export interface LearnerSources {
  /** A second encoder, which the learner takes over; its weights do not matter. */
  secondEncoder(): Promise<Encoder>;
  /** A CLIP's image tower, which stays as it is. */
  teacher(): Promise<Encoder>;
  /** The same CLIP's text tower, which stays as it is. */
  texts(): Promise<Texts>;
  /** [C, E] of the classes; disposed of. */
  embeddings(): Promise<tf.Tensor2D>;
}

export interface Texts {
  readonly textTower: TextTower;
  readonly tokenizer: TextTokenizer;
}

/**
 * Builds the learner that a recipe names; its weights are as they begin.
 *
 * @throws EntryError if the method needs what the recipe has not
 */
export async function buildLearner(recipe: ModelRecipe, parts: LearnerParts): Promise<Learner> {
  const { task, encoder, random, sources } = parts;
  const { name, options, classEmbeddings } = recipe.method;
  const { needs, create } = parts.method;
  if (needs.images && recipe.frozen) throw new EntryError(`should be null: ${name} looks at images`, 'features');
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

/** Features of the encoding that a method works on: of those that it can the first that the encoder has. */
function widthOf({ features, mapFeatures, encodings }: LoadedEncoder, wanted: readonly EncodingName[]): number {
  // Who has patches has tokens, too.
  const found = wanted.find((name) => encodings.includes(name === 'tokens' ? 'patches' : name));
  return found === 'featureMap' ? mapFeatures : features;
}

/** Whether a method with such options reads texts by a tower. */
export function readsTexts({ text, textUnless }: MethodNeeds, options: object): boolean {
  const other = textUnless === undefined ? 0 : (options as Readonly<Record<string, unknown>>)[textUnless];
  return text === 'tower' && !((other as number) > 0);
}

function criterionOf({ criterion, reduction, scores, softLabels }: BoundLoss): Partial<MethodParts> {
  return { criterion, lossReduction: reduction, scores, softLabels };
}

/** The training set once over, augmented and shuffled, and the same for the same epoch however often it is asked for. */
function batchesOf(dataset: LabelledInputs, seed: number, epoch: number): ReturnType<BatchLoader['epoch']> {
  const random = new RandomStreams(seed + 1000 * (epoch + 1));
  const sampler = new UniformSampler({ length: dataset.labels.rows, random: random.stream('shuffle') });
  return new BatchLoader({ dataset, sampler, batchSize: 64, random }).epoch();
}

/** Statistics for those who ask of classes, but not of pairs of them, which are many. */
export function statisticsWithoutPairs(trainCount: number, classCounts: readonly number[]): ClassStatistics {
  const row = classCounts.map(() => 0);
  return { trainCount, classCounts, cooccurrence: classCounts.map(() => row) };
}
