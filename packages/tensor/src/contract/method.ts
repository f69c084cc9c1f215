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

/** The loss a head is trained with, any of `@ltml/losses` with its options bound. A scalar in nats. */
export interface Criterion {
  /** @param epoch epochs done in the stage; a loss that corrects labels waits for one */
  (logits: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D, epoch: number): tf.Scalar;
  /** Names what it does in an epoch, where that changes: a stage has it in its {@link Stage.mode}. */
  mode?(epoch: number): string;
  /** What it remembers from batch to batch. Whoever builds a learner puts it among the state of the learner. */
  readonly state?: Module;
}

/** What methods are put together from. Each takes some of it; its {@link MethodNeeds} say what must be there. */
export interface MethodParts {
  /** D, features of the encoder, or of inputs that are an encoding of one. */
  readonly features: number;
  /** Trains with the method, which takes it over and disposes of it. Left out where inputs are an encoding of it already. */
  readonly encoder?: Encoder;
  /** A second network like it, taken over as well. Its own weights do not matter. */
  readonly keyEncoder?: Encoder;
  /** A CLIP's image tower. It stays the caller's, as it is. */
  readonly teacher?: Encoder;
  /** [C, E] an embedding a class, of any encoder. The caller's to dispose of. */
  readonly classEmbeddings?: tf.Tensor2D;
  /** Reads the names of the classes. It stays the caller's, as it is. */
  readonly textTower?: TextTower;
  /** That of the text tower. */
  readonly tokenizer?: TextTokenizer;
  /** Batches of the training set, augmented and shuffled, once over. The method disposes of them. */
  readonly trainingSet?: (context: StepContext) => AsyncIterable<Batch>;
  /** What the head is trained with, in place of the method's own loss. */
  readonly criterion?: Criterion;
  /** How the criterion reduces over images; default `mean`. */
  readonly lossReduction?: Stage['lossReduction'];
  /** What the criterion takes logits for; default `sigmoid`. A ranking loss makes scores that are `relative`. */
  readonly scores?: ScoreKind;
  /** Whether the criterion takes labels between 0 and 1; default false. */
  readonly softLabels?: boolean;
}

/** What a method must be given besides the number of features. It says so itself, so that whoever builds it need not know it. */
export interface MethodNeeds {
  /** What it works on of an encoder's output: the first of these that the encoder has. */
  readonly encodings: readonly EncodingName[];
  /** It looks at images itself, so that features that were computed before won't do. */
  readonly images?: true;
  /** Its `predict` takes the crops that the step `fiveCrops` makes of a picture, and averages over them. */
  readonly crops?: true;
  /** Two networks of one form: `encoder` and `keyEncoder`. */
  readonly encoders?: 2;
  readonly teacher?: true;
  /** `embeddings`: `classEmbeddings`; `tower`: `textTower` and `tokenizer`. */
  readonly text?: 'embeddings' | 'tower';
  /** An option that takes the place of the text, where it is above 0. */
  readonly textUnless?: string;
  readonly trainingSet?: true;
  /** One class an image; any number if left out. */
  readonly labels?: 'single';
  /** `any`: a criterion must be given; `default`: one may be given in place of the method's; `own`: it takes no other. */
  readonly loss: 'any' | 'default' | 'own';
  /** How its paper prepares pictures; recipes may name it. */
  readonly pictures?: PublishedPictures;
}

/** A stage of a method as its configuration has it. */
export interface StageOutline {
  /** As the learner's stage is called. */
  readonly name: string;
  /** Path of the option that is the stage's length in epochs, e.g. `pretrain.epochs`. */
  readonly length: string;
  /** Paths of the options that are counted in epochs of the stage, too: a warm-up, milestones. */
  readonly counted?: readonly string[];
  /** Whether it sees images in several views; {@link Stage.views} say in which. */
  readonly views?: true;
}

/** The surface that every method package has. */
export interface Method<Config = object, Parts = MethodParts> {
  readonly name: string;
  /** Checks and completes a configuration; a zod schema fits, and `@ltml/recipes` asks for one. */
  readonly configSchema: { parse(value: unknown): Config };
  /** Configurations by name, one for each row of the paper. The first is the default. */
  readonly presets: Readonly<Record<string, Config>>;
  readonly needs: MethodNeeds;
  /** In their order; those of no epochs are left out of the learner's. None of a method that learns nothing. */
  readonly stages: readonly StageOutline[];
  create(task: Task, parts: Parts, config: Config, random: RandomStreams): Learner;
}
