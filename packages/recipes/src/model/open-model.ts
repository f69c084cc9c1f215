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

/** A trained model, ready to use. */
export interface Model {
  /** Name of the recipe. */
  readonly name: string;
  /** Encoder and method, with their options. */
  readonly recipe: ModelRecipe;
  /** The recipe's data set, used to find its test images. */
  readonly data: NamedPart;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Ids of the classes in the data set. */
  readonly classIds: readonly string[];
  /** Classes and label statistics of training, without counts of pairs. */
  readonly task: Task;
  /** Head, medium and tail classes by the whole training set. */
  readonly groups: FrequencyGroups;
  /** [C] images of each class in the whole training set, see `groups`. */
  readonly classCounts: readonly number[];
  /** Steps that make inputs of {@link encode} from a picture. */
  readonly pipeline: Pipeline;
  /** Mean and standard deviation that the pipeline normalises with, for RGB from 0 to 255. */
  readonly statistics: ChannelStatistics;
  /** Size of the images after the pipeline, in pixels. */
  readonly imageSize: readonly [height: number, width: number];
  /** When a class is present; null if nothing was chosen. */
  readonly thresholds: Thresholds | null;
  /** Temperature of probabilities; null if none was fitted. */
  readonly calibration: Calibration | null;
  /** Which weights of the run these are. */
  readonly weights: WeightsKind;
  /** SHA-256 of the stored weights. */
  readonly weightsHash: string;
  /** Whether {@link Learner.labelScorer} takes labels as texts. */
  readonly readsLabels: boolean;
  /** In evaluation mode. */
  readonly learner: Learner;
  /** The encoder: part of the learner, or frozen before it. */
  readonly encoder: Encoder;
  /** Encodings that the method can take; the first that the encoder has is used. */
  readonly encodings: readonly EncodingName[];
  /** The learner's inputs from normalised images [B, H, W, 3]: the images, or their features from a frozen encoder. */
  encode(images: tf.Tensor): tf.Tensor;
  /** Frees the weights. */
  dispose(): void;
}

/** The weights of a model, and its tokenizer. */
export interface ModelContents {
  /** Tensors by their names in a bundle, see `tensor-names.ts`. */
  readonly tensors: ReadonlyMap<string, HostTensor>;
  readonly kind: WeightsKind;
  /** SHA-256 of the file they were read from. */
  readonly hash: string;
  /** Content of the tokenizer file, for methods that read texts. */
  readonly tokenizer?: string;
}

/** Builds a model and sets its weights. @throws DataError if they do not fit */
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
      if (!texts) throw new UsageError(`the model has no text tower, but ${recipe.method.name} needs one`);
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

/** Stands in for the teacher, which a trained model does not need. */
class Resigned extends Module implements Encoder {
  forward(): never {
    return untrained();
  }
}

function untrained(): never {
  throw new UsageError('a loaded model cannot be trained further');
}
