import type * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../module.ts';
import type { RandomStreams } from '../random.ts';
import type { Batch } from './batch.ts';
import type { Encoder, EncodingName } from './encoder.ts';
import type { Learner, ScoreKind } from './learner.ts';
import type { PublishedPictures } from './published-pictures.ts';
import type { Stage, StepContext } from './stage.ts';
import type { Task } from './task.ts';
import type { TextTokenizer, TextTower } from './text.ts';

/** The loss that trains a head: any loss of `@ltml/losses` with its options filled in. A scalar in nats. */
export interface Criterion {
  /** @param epoch number of finished epochs of the stage, for losses that start to correct labels later */
  (logits: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D, epoch: number): tf.Scalar;
  /** Names what the loss does in an epoch, if that changes. A stage adds it to its {@link Stage.mode}. */
  mode?(epoch: number): string;
  /** What the loss remembers between batches. The builder of a learner adds it to the learner's state. */
  readonly state?: Module;
}

/**
 * The parts from which a method is built. A method uses some of them; its {@link MethodNeeds} say which it requires.
 */
export interface MethodParts {
  /** D, the number of features of the encoder, or of the cached features. */
  readonly features: number;
  /** The encoder to train. The method owns it and disposes it. Left out if the inputs are cached encodings. */
  readonly encoder?: Encoder;
  /** A second network of the same architecture; the method owns it too and overwrites its weights. */
  readonly keyEncoder?: Encoder;
  /** A CLIP image tower. The caller owns it; the method does not change it. */
  readonly teacher?: Encoder;
  /** [C, E] one embedding per class, from any text encoder. The caller disposes it. */
  readonly classEmbeddings?: tf.Tensor2D;
  /** The text tower for the class names. The caller owns it; the method does not change it. */
  readonly textTower?: TextTower;
  /** The tokenizer of the text tower. */
  readonly tokenizer?: TextTokenizer;
  /** One pass over the training set in augmented, shuffled batches. The method disposes the batches. */
  readonly trainingSet?: (context: StepContext) => AsyncIterable<Batch>;
  /** The loss for the head, instead of the method's own loss. */
  readonly criterion?: Criterion;
  /** How the loss reduces over images; default `mean`. */
  readonly lossReduction?: Stage['lossReduction'];
  /** The meaning that the loss gives to the scores; default `sigmoid`. A ranking loss gives `relative` scores. */
  readonly scores?: ScoreKind;
  /** Whether the loss accepts labels between 0 and 1; default false. */
  readonly softLabels?: boolean;
}

/**
 * What a method requires besides the number of features. Code that builds methods reads it and need not know any
 * particular method.
 */
export interface MethodNeeds {
  /** The encodings that it can use, in order of preference: the first one that the encoder has is taken. */
  readonly encodings: readonly EncodingName[];
  /** It needs the images themselves, so cached features cannot be used. */
  readonly images?: true;
  /** Its `predict` takes the crops that the step `fiveCrops` makes of an image, and averages over them. */
  readonly crops?: true;
  /** It needs two networks of the same architecture: `encoder` and `keyEncoder`. */
  readonly encoders?: 2;
  /** It needs `teacher`. */
  readonly teacher?: true;
  /** `embeddings`: it needs `classEmbeddings`. `tower`: it needs `textTower` and `tokenizer`. */
  readonly text?: 'embeddings' | 'tower';
  /** Name of an option that replaces the text if it is above 0. */
  readonly textUnless?: string;
  /** It needs `trainingSet`. */
  readonly trainingSet?: true;
  /** `single`: one class per image. Left out: any number of classes. */
  readonly labels?: 'single';
  /**
   * `any`: a loss must be given. `default`: a loss may replace the method's own. `own`: only the method's own loss
   * works.
   */
  readonly loss: 'any' | 'default' | 'own';
  /** The preprocessing of its paper, which recipes can name. */
  readonly pictures?: PublishedPictures;
}

/** A stage of a method as its configuration describes it. */
export interface StageOutline {
  /** Name of the learner's stage. */
  readonly name: string;
  /** Path of the option with the stage's length in epochs, e.g. `pretrain.epochs`. */
  readonly length: string;
  /** Paths of other options that are counted in the stage's epochs, e.g. a warm-up or milestones. */
  readonly counted?: readonly string[];
  /** Whether it sees several views of an image; {@link Stage.views} gives their sizes. */
  readonly views?: true;
}

/** The interface of every method package. */
export interface Method<Config = object, Parts = MethodParts> {
  readonly name: string;
  /** Checks a configuration and fills in its defaults. A zod schema fits; `@ltml/recipes` requires one. */
  readonly configSchema: { parse(value: unknown): Config };
  /** Published configurations by name, one for each row of the paper. The first is the default. */
  readonly presets: Readonly<Record<string, Config>>;
  readonly needs: MethodNeeds;
  /** The stages in order. The learner leaves out a stage of 0 epochs. Empty for a method that learns nothing. */
  readonly stages: readonly StageOutline[];
  /** Builds a learner. @throws OptionError, DataError if the parts do not fit */
  create(task: Task, parts: Parts, config: Config, random: RandomStreams): Learner;
}
