import {
  checkShapes,
  freezeNetwork,
  fromHost,
  Module,
  ModuleBuffer,
  OptionError,
  type RandomStreams,
} from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type {
  Batch,
  Encoder,
  LabelScorer,
  Learner,
  MethodParts,
  NamedParameter,
  ScoreKind,
  Stage,
  StepContext,
  StepResult,
  Task,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { placesOf } from '../places.ts';
import { poolPlaces, similarPlaces, type TwoEmbeddings, type TwoLogits } from '../pool-places.ts';
import { presenceLogits, presenceLoss } from '../presence-loss.ts';
import { ClassPair } from './class-pair.ts';
import type { CoopConfig } from './config.ts';

/**
 * The parts of {@link Coop}.
 *
 * - `encoder` and `textTower` (with `tokenizer`): the two towers of one CLIP. Leave `encoder` out if the inputs are its
 *   tokens [B, P, D] already.
 * - `criterion`: replaces the asymmetric loss. It gets the logits of presence.
 */
export type CoopParts = Pick<
  MethodParts,
  'features' | 'encoder' | 'textTower' | 'tokenizer' | 'criterion' | 'lossReduction' | 'scores' | 'softLabels'
>;

/**
 * The learner of DualCoOp, PositiveCoOp and NegativeCoOp. Each class has two embeddings, for its presence and its
 * absence, which are compared with each place of an image in a frozen CLIP. It learns the contexts of the prompts; with
 * one prompt also the other embedding.
 *
 * State names: `encoder.…`, `classes.…` (see {@link ClassPair}); `absent` and `present` [C, D], the embeddings computed
 * by the last call of {@link readClasses}.
 *
 * Source: Sun et al. (DualCoOp), NeurIPS 2022; Rawlekar et al. (PositiveCoOp), WACV 2025, and their code.
 */
export class Coop extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly classes: ClassPair;
  readonly absent: ModuleBuffer;
  readonly present: ModuleBuffer;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;
  readonly config: CoopConfig;
  /** Scores any labels. Undefined if there are learned vectors for each class. */
  readonly labelScorer?: (labels: readonly string[]) => LabelScorer;
  readonly #criterion: CoopParts['criterion'];

  /** @throws OptionError */
  constructor(task: Task, parts: CoopParts, config: CoopConfig, random: RandomStreams) {
    super();
    const { encoder, features, criterion } = parts;
    checkSome(task, parts, config);
    this.config = config;
    this.#criterion = criterion;
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, { parameters: '', statistics: '' });
    this.classes = new ClassPair(task.classes, features, config, readerOf(parts), random);
    const { absent, present } = this.classes.embeddings();
    const C = task.classes.length;
    checkShapes('Coop', { 'parts.textTower': [present, `${C} ${features}`], absent: [absent, `${C} ${features}`] });
    this.absent = new ModuleBuffer(absent, 'same');
    this.present = new ModuleBuffer(present, 'same');
    this.scores = (criterion && parts.scores) ?? 'sigmoid';
    this.stages = [this.#stage(parts)];
    if (this.classes.readsNames) this.labelScorer = (labels) => this.#scorer(labels);
  }

  /** Logits of presence [B, C], and the two logits behind each, for any embeddings. */
  classify(inputs: tf.Tensor, embeddings: TwoEmbeddings): TwoLogits & { readonly logits: tf.Tensor2D } {
    const { cosineScale, outputScale } = this.config;
    return tf.tidy(() => {
      const two = poolPlaces(placesOf('Coop', this.encoder, inputs), embeddings, { cosineScale, outputScale });
      return { ...two, logits: presenceLogits(two) };
    });
  }

  forward(inputs: tf.Tensor): TwoLogits & { readonly logits: tf.Tensor2D } {
    return this.classify(inputs, this.#read);
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }

  /**
   * Where the image shows each class: the similarity of each place to its presence. Places after the first are laid out
   * as a square, or as one row if their number is not a square.
   */
  evidence(inputs: tf.Tensor): tf.Tensor4D {
    return this.#evidence(inputs, this.#read);
  }

  #scorer(labels: readonly string[]): LabelScorer {
    const embeddings = tf.tidy(() => this.classes.ofNames(labels));
    for (const tensor of Object.values(embeddings)) tf.keep(tensor);
    return {
      predict: (inputs) => tf.tidy(() => this.classify(inputs, embeddings).logits),
      evidence: (inputs) => this.#evidence(inputs, embeddings),
      dispose: () => tf.dispose(embeddings),
    };
  }

  #evidence(inputs: tf.Tensor, embeddings: TwoEmbeddings): tf.Tensor4D {
    return tf.tidy(() => {
      const cosines = similarPlaces(placesOf('Coop', this.encoder, inputs), embeddings);
      const [B, C, P] = cosines.shape;
      const side = Math.sqrt(P - 1);
      if (!Number.isInteger(side)) return tf.reshape(cosines, [B, C, 1, P]);
      return tf.reshape(tf.slice(cosines, [0, 0, 1], [B, C, P - 1]), [B, C, side, side]);
    });
  }

  /**
   * Recomputes the embeddings of the classes with the current contexts. The stage does so before each evaluation. Call
   * it after you change contexts yourself.
   */
  readClasses(): void {
    tf.tidy(() => {
      const { absent, present } = this.classes.embeddings();
      this.absent.variable.assign(absent);
      this.present.variable.assign(present);
    });
  }

  get #read(): TwoEmbeddings {
    return { absent: this.absent.variable as tf.Tensor2D, present: this.present.variable as tf.Tensor2D };
  }

  #stage({ criterion, lossReduction, softLabels = false }: CoopParts): Stage {
    const { contextRateFactor } = this.config;
    const isContext = ([name]: NamedParameter): boolean => name.endsWith('.vectors');
    const reduction = criterion ? lossReduction : 'sum';
    return {
      name: 'train',
      ...trainingOf(this.config, (parameters, { learningRate, weightDecay }) =>
        [
          {
            parameters: parameters.filter(isContext),
            learningRate: contextRateFactor * learningRate,
            weightDecay,
          },
          { parameters: parameters.filter((named) => !isContext(named)), learningRate, weightDecay },
        ].filter(({ parameters }) => parameters.length > 0),
      ),
      step: (batch, context) => this.#step(batch as Batch, context),
      mode: ({ epoch }) => criterion?.mode?.(epoch) ?? '',
      beforeEvaluation: () => this.readClasses(),
      softLabels: criterion !== undefined && softLabels,
      ...(reduction && { lossReduction: reduction }),
    };
  }

  #step({ inputs, labels, known }: Batch, context: StepContext): StepResult {
    const chosen = this.#drawClasses(labels.shape[1], context.random);
    const some = (x: tf.Tensor2D): tf.Tensor2D => (chosen ? tf.gather(x, chosen, 1) : x);
    const { logits } = this.classify(inputs, this.classes.embeddings(chosen));
    const loss = this.#criterion
      ? this.#criterion(logits, labels, known, context.epoch)
      : presenceLoss(logits, some(labels), { ...this.config.loss, known: some(known) });
    return { loss, terms: {} };
  }

  /** [K] int32, the random classes that a step trains; undefined: all. */
  #drawClasses(C: number, random: RandomStreams): tf.Tensor1D | undefined {
    const { classesAtOnce: K } = this.config;
    if (K === null || K >= C) return undefined;
    const draw = (): Float32Array => Float32Array.from(random.stream('classes').permutation(C).slice(0, K));
    return tf.cast(fromHost([K], draw), 'int32') as tf.Tensor1D;
  }
}

function readerOf({ textTower, tokenizer }: CoopParts) {
  if (textTower && tokenizer) return { textTower, tokenizer };
  const argument = textTower ? 'parts.tokenizer' : 'parts.textTower';
  const expected = `a ${textTower ? 'tokenizer' : 'text tower'}, to embed prompts`;
  throw new OptionError({ where: 'Coop', argument, expected, received: 'nothing' });
}

/** Checks that a criterion is not combined with `classesAtOnce`: it uses the counts of all classes. */
function checkSome({ classes }: Task, { criterion }: CoopParts, { classesAtOnce }: CoopConfig): void {
  if (!criterion || classesAtOnce === null || classesAtOnce >= classes.length) return;
  throw new OptionError({
    where: 'Coop',
    argument: 'config.classesAtOnce',
    expected: 'null if parts.criterion is given',
    received: `${classesAtOnce}`,
  });
}
