import { buildTextTower, ClipTokenizer, encoderByName } from '@ltml/backbone';
import { classGroups } from '@ltml/data';
import type { ChannelStatistics, Pipeline } from '@ltml/images';
import { type HostTensor, importState, Module, RandomStreams } from '@ltml/tensor';
import type { Encoder, EncodingName, Learner, Task } from '@ltml/tensor/contract';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import { buildLearner, type LearnerSources, statisticsWithoutPairs, type Texts } from '../learner.ts';
import { encoders } from '../parts/encoders.ts';
import { methods } from '../parts/methods.ts';
import type { NamedPart } from '../parts/part.ts';
import { statisticsOf } from '../parts/statistics-of.ts';
import { UsageError } from '../usage-error.ts';
import { encodeAs } from './encoding-of.ts';
import type { Calibration, ModelDescription, Thresholds, WeightsKind } from './model-description.ts';
import type { ModelRecipe } from './model-recipe.ts';
import { encoderPrefix, learnerPrefix, textPrefix, under } from './tensor-names.ts';

/** What a run learned, ready to be used. */
export interface Model {
  readonly name: string;
  readonly recipe: ModelRecipe;
  /** What it was trained on, to find the test images by. */
  readonly data: NamedPart;
  /** Names. */
  readonly classes: readonly string[];
  /** What the data set calls the classes. */
  readonly classIds: readonly string[];
  readonly task: Task;
  /** Head, medium and tail classes by the whole training set. */
  readonly groups: FrequencyGroups;
  /** Of the training set, see `groups`. */
  readonly classCounts: readonly number[];
  /** How a picture becomes what {@link encode} takes. */
  readonly pipeline: Pipeline;
  /** Of the pipeline: by which levels 0 to 255 are normalised. */
  readonly statistics: ChannelStatistics;
  /** Of what the pipeline gives. */
  readonly imageSize: readonly [height: number, width: number];
  /** From which score on a class is present; null if nothing was chosen. */
  readonly thresholds: Thresholds | null;
  /** By which scores become probabilities; null if it was not fitted. */
  readonly calibration: Calibration | null;
  /** Which weights these are. */
  readonly weights: WeightsKind;
  /** SHA-256 of the weights as they are stored. */
  readonly weightsHash: string;
  /** Whether {@link Learner.labelScorer} reads labels, as texts. */
  readonly readsLabels: boolean;
  /** In evaluation mode. */
  readonly learner: Learner;
  /** What the learner looks through: trained as a part of it, or at rest before it. */
  readonly encoder: Encoder;
  /** Of the encodings that the method can work on it takes the first that the encoder has. */
  readonly encodings: readonly EncodingName[];
  /** What the learner takes in, of normalised images [B, H, W, 3]: themselves, or an encoding of the encoder that rests. */
  encode(images: tf.Tensor): tf.Tensor;
  dispose(): void;
}

/** What a model has learned, and what it reads texts by. */
export interface ModelContents {
  /** By the names in a bundle, see `tensor-names.ts`. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly kind: WeightsKind;
  /** SHA-256 of what they were read from. */
  readonly hash: string;
  /** The text of the tokenizer's file, for methods that read texts. */
  readonly tokenizer?: string;
}

/** Builds a model and gives it its weights. @throws DataError if they do not fit */
export async function openModel(
  description: ModelDescription,
  { tensors, kind, hash, tokenizer }: ModelContents,
): Promise<Model> {
  const { name, recipe, pictures, training, thresholds, calibration } = description;
  const classes = description.classes.map((entry) => entry.name);
  const statistics = statisticsOf(pictures.pipeline);
  const method = await methods[recipe.method.name]();
  const random = new RandomStreams(recipe.seed);
  const encoder = await encoders.create(recipe.encoder, { random: random.stream('init') });
  const task = { classes, statistics: statisticsWithoutPairs(training.images, training.classCounts) };
  const texts = tokenizer === undefined ? undefined : textsOf(description, tokenizer, tensors);
  const learner = await buildLearner(recipe, {
    method,
    task,
    encoder: { ...encoder, statistics },
    random,
    loss: { criterion: untrained, reduction: 'mean', scores: description.scores, softLabels: true },
    train: untrained,
    sources: sourcesOf(description, texts),
  });
  const frozen = recipe.frozen ? encoder.network.eval() : undefined;
  const dispose = (): void => {
    frozen?.dispose();
    learner.dispose();
    texts?.textTower.dispose();
  };
  try {
    importState(learner, under(tensors, learnerPrefix));
    if (frozen) importState(frozen, under(tensors, encoderPrefix));
  } catch (error) {
    dispose();
    throw error;
  }
  learner.eval();
  const { encodings } = method.needs;
  return {
    name,
    recipe,
    data: training.data,
    classes,
    classIds: description.classes.map(({ id }) => id),
    task,
    groups: classGroups(training, training.groupCounts),
    classCounts: training.groupCounts,
    pipeline: pictures.pipeline,
    statistics,
    imageSize: [pictures.height, pictures.width],
    thresholds,
    calibration,
    weights: kind,
    weightsHash: hash,
    readsLabels: texts !== undefined && !recipe.method.classEmbeddings && learner.labelScorer !== undefined,
    learner,
    encoder: encoder.network,
    encodings,
    encode: (images) => (frozen ? encodeAs(frozen, encodings, images) : tf.clone(images)),
    dispose,
  };
}

function sourcesOf({ recipe, classes, embeddingWidth }: ModelDescription, texts: Texts | undefined): LearnerSources {
  return {
    async secondEncoder() {
      const random = new RandomStreams(recipe.seed).stream('init');
      return (await encoders.create(recipe.encoder, { random })).network;
    },
    teacher: async () => new Resigned(),
    async texts() {
      if (!texts) throw new UsageError(`the model has no text tower, which ${recipe.method.name} needs`);
      return texts;
    },
    embeddings: async () => tf.zeros([classes.length, embeddingWidth ?? 0]),
  };
}

function textsOf({ text }: ModelDescription, tokenizerFile: string, tensors: ReadonlyMap<string, HostTensor>): Texts {
  const { encoder } = encoderByName(String(text?.tower));
  const tokenizer = new ClipTokenizer(tokenizerFile, { contextLength: encoder.text?.contextLength ?? 77 });
  const textTower = buildTextTower(encoder);
  try {
    importState(textTower, under(tensors, textPrefix));
  } catch (error) {
    textTower.dispose();
    throw error;
  }
  return { textTower: textTower.eval(), tokenizer };
}

/** In place of the teacher, of whom a trained model needs no more. */
class Resigned extends Module implements Encoder {
  forward(): never {
    return untrained();
  }
}

function untrained(): never {
  throw new UsageError('a model is not trained further');
}
