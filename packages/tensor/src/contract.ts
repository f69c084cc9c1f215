import type * as tf from '@tensorflow/tfjs-core';
import type { StepResult } from './gradients.ts';
import type { ClassStatistics } from './labels.ts';
import type { Module, Parameter } from './module.ts';
import type { Optimizer } from './optim/optimizer.ts';
import type { Schedule } from './optim/schedules.ts';
import type { RandomStreams } from './random.ts';

/** What is to be classified: the classes and what the training set says of them. */
export interface Task {
  readonly classes: readonly string[];
  readonly statistics: ClassStatistics;
}

/**
 * Images [B, H, W, 3], or features cached in any shape [B, …]; or several such tensors by name, where a method sees an
 * image in several views.
 */
export type BatchInputs = tf.Tensor | Readonly<Record<string, tf.Tensor>>;

/** One batch as tensors. The engine makes and disposes of them. */
export interface Batch<Inputs extends BatchInputs = tf.Tensor> {
  readonly inputs: Inputs;
  /** [B, C] 1 present, 0 absent. */
  readonly labels: tf.Tensor2D;
  /** [B, C] 1 annotated, 0 not; a label where this is 0 means nothing. */
  readonly known: tf.Tensor2D;
}

/** The sizes of the views that a stage asks for; its inputs are {@link Views} then. */
export interface ViewSizes {
  /** S */
  readonly viewSize: number;
  /** s */
  readonly patchSize: number;
  /** L, may be 0. */
  readonly patches: number;
}

/** Two views of each image, and patches of the first. (A type, so that it is a record of tensors.) */
export type Views = {
  /** [B, S, S, 3] */
  readonly query: tf.Tensor;
  /** [B, S, S, 3] */
  readonly key: tf.Tensor;
  /** [B, L, s, s, 3]; left out where L is 0, and so are the boxes. */
  readonly patches?: tf.Tensor;
  /** [B, L, 4] left, top, right, bottom of the patches in pixels of the query view. */
  readonly boxes?: tf.Tensor;
};

/** A batch as a loader hands it out. */
export interface LoadedBatch<Inputs extends BatchInputs = tf.Tensor> extends Batch<Inputs> {
  /** Places of the images in the data set. */
  readonly indices: readonly number[];
}

/** A network from images to features. Those of `@ltml/backbone` fit, and methods take no other notice of them. */
export interface Encoder extends Module {
  /** @param images [B, H, W, 3] */
  forward(images: tf.Tensor): EncoderOutput;
}

/** (A type, not an interface, which `tf.tidy` would not take.) */
export type EncoderOutput = {
  /** [B, D] the image as a whole. */
  readonly features: tf.Tensor2D;
};

/** An {@link Encoder} that shows where in the image a feature is: ResNets. */
export interface MapEncoder extends Encoder {
  forward(images: tf.Tensor): EncoderOutput & {
    /** [B, h, w, D] */
    readonly featureMap: tf.Tensor4D;
  };
}

/** An {@link Encoder} that gives tokens: vision transformers, CLIP's towers. */
export interface TokenEncoder extends Encoder {
  forward(images: tf.Tensor): EncoderOutput & {
    /** [B, N, D] patches, row by row. */
    readonly patches: tf.Tensor3D;
  };
}

/** The loss a head is trained with, any of `@ltml/losses` with its options bound. A scalar in nats. */
export type Criterion = (logits: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D) => tf.Scalar;

/** A parameter with its state name, as `module.trainableParameters()` gives it. */
export type NamedParameter = readonly [name: string, parameter: Parameter];

/**
 * What a step may know besides its batch. It is one object for a whole stage, whose numbers move on: a step that is
 * compiled takes a number in by `fromHost(…)`, and tells by {@link Stage.mode} when it does something else.
 */
export interface StepContext {
  /** Optimiser steps done in this stage. */
  readonly step: number;
  /** Optimiser steps of the whole stage. */
  readonly totalSteps: number;
  /** Epochs done in this stage. */
  readonly epoch: number;
  /** Epochs of the whole stage. */
  readonly epochs: number;
  /** Where dropout, augmentation and masks draw from. */
  readonly random: RandomStreams;
}

/**
 * What the scores of a learner mean:
 * - `sigmoid`: logits of each class by itself, σ of which is its probability; 0 is as likely as not;
 * - `softmax`: logits of one class out of all, which only differ in meaning from each other within an image;
 * - `relative`: they rank the classes of an image, the more likely first, and depend on which classes are asked for.
 *
 * Only the first can be cut at a fixed score, as F1 and accuracy by class do.
 */
export type ScoreKind = 'sigmoid' | 'softmax' | 'relative';

/** One phase of training: what is trained, how and for how long. */
export interface Stage {
  readonly name: string;
  readonly epochs: number;
  /** State names of the parameters that train in this stage; every trainable one if left out. */
  readonly trains?: RegExp;
  /** The views that its inputs are, if it sees images in several; left out, they are what scores come from. */
  readonly views?: ViewSizes;
  /** A pure forward pass over a training batch: no host reads, no randomness but `context.random`. */
  step(batch: Batch<BatchInputs>, context: StepContext): StepResult;
  /**
   * Names what {@link step} does now, where that changes during the stage (a loss term that sets in later): a compiled
   * step is recorded once for each.
   */
  mode?(context: StepContext): string;
  /** After the optimiser's update, e.g. for a momentum encoder or a queue. Part of the step, under the same rules. */
  afterStep?(context: StepContext): void;
  /** Before the batches of an epoch, e.g. to recompute prototypes. */
  onEpochStart?(context: StepContext): void | Promise<void>;
  /** Before scores are asked for during the stage and after it: brings up to date what the learner derives from its weights. */
  beforeEvaluation?(): void;
  /** Builds the optimiser over the parameters that train in this stage. */
  optimizer(parameters: readonly NamedParameter[]): Optimizer;
  /** Rates over the steps of the stage, of which there are `totalSteps`. */
  schedule(totalSteps: number): Schedule;
  /** Global L2 norm to which gradients are clipped; not clipped if left out. */
  readonly maxGradientNorm?: number;
  /** Evaluate with an exponential moving average of the weights, of this decay; with the weights themselves if left out. */
  readonly averageDecay?: number;
  /** Whether scores mean anything by now, so that the stage is evaluated; default true. A pretraining stage says false. */
  readonly evaluated?: boolean;
  /** How the loss of a batch comes from its images, which accumulating gradients must know; default `mean`. */
  readonly lossReduction?: 'mean' | 'sum';
}

/**
 * A model that the engine can train.
 *
 * All that it remembers from step to step sits in parameters, buffers and the streams of `context.random`: a checkpoint
 * holds these and nothing else.
 */
export interface Learner extends Module {
  readonly stages: readonly Stage[];
  /** What {@link predict} gives. */
  readonly scores: ScoreKind;
  /** Scores [B, C], higher is more likely; the engine calls it in evaluation mode. */
  predict(inputs: tf.Tensor): tf.Tensor2D;
  /** Scores [B, E] of the classes of embeddings [E, D], which need not be those of the task. */
  predictClasses?(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D;
  /** Logits and named intermediates, so that other losses can attach. */
  forward(inputs: tf.Tensor): Record<string, tf.Tensor>;
  /** Scores [B, K] of any K labels, as texts. Left out by a learner that reads none. */
  predictLabels?(inputs: tf.Tensor, labels: readonly string[]): tf.Tensor2D;
  /**
   * Where a learner sees each class, or each of the labels that it can read: [B, C, h, w] by the places of its feature map,
   * more is higher. Left out by a learner that looks at the image as a whole.
   */
  evidence?(inputs: tf.Tensor, labels?: readonly string[]): tf.Tensor4D;
}

/** What a method may work on of an encoder's output: its features [B, D], its map [B, h, w, D], its patches [B, N, D]. */
export type EncoderView = keyof ReturnType<MapEncoder['forward']> | keyof ReturnType<TokenEncoder['forward']>;

/** What is needed of a text tower; `ClipTextTransformer` of `@ltml/backbone` fits. */
export interface TextTower extends Module {
  /** @param ids [C, M] int32 → [C, M, W], without positions */
  embedTokens(ids: tf.Tensor): tf.Tensor3D;
  /** @param tokenEmbeddings [C, M, W], @param ids [C, M], which tell where a text ends */
  forwardEmbedded(tokenEmbeddings: tf.Tensor3D, ids: tf.Tensor): { readonly embedding: tf.Tensor2D };
}

/** What is needed of a tokenizer; `ClipTokenizer` of `@ltml/backbone` fits. */
export interface TextTokenizer {
  readonly contextLength: number;
  readonly startId: number;
  readonly endId: number;
  /** Ids of a text's tokens, without start and end. */
  encode(text: string): number[];
}

/** What methods are put together from. Each takes some of it; its {@link MethodNeeds} say what must be there. */
export interface MethodParts {
  /** D, features of the encoder, or of inputs that are a view of one. */
  readonly features: number;
  /** Trains with the method, which takes it over and disposes of it. Left out where inputs are a view of it already. */
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
  readonly view: readonly EncoderView[];
  /** It looks at images itself, so that features that were computed before won't do. */
  readonly images?: true;
  /** Two networks of one form: `encoder` and `keyEncoder`. */
  readonly encoders?: 2;
  readonly teacher?: true;
  /** `embeddings`: `classEmbeddings`; `tower`: `textTower` and `tokenizer`. */
  readonly text?: 'embeddings' | 'tower';
  readonly trainingSet?: true;
  /** One class an image; any number if left out. */
  readonly labels?: 'single';
  /** `any`: a criterion must be given; `default`: one may be given in place of the method's; `own`: it takes no other. */
  readonly loss: 'any' | 'default' | 'own';
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
  /** In their order; those of no epochs are left out of the learner's. */
  readonly stages: readonly StageOutline[];
  create(task: Task, parts: Parts, config: Config, random: RandomStreams): Learner;
}

export type { ClassStatistics, Module, Optimizer, Parameter, RandomStreams, Schedule, StepResult };
