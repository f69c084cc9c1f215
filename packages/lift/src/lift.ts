import { balancedSoftmax } from '@ltml/losses';
import {
  checkShapes,
  constantRate,
  DataError,
  freezeNetwork,
  inTemplate,
  Module,
  ModuleBuffer,
  OptionError,
  type RandomStreams,
  readTexts,
  type TextReader,
  withoutGradient,
} from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type {
  Batch,
  Criterion,
  Encoder,
  Learner,
  MethodParts,
  ScoreKind,
  Stage,
  StepResult,
  Task,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { attachAdapters } from './attach-adapters.ts';
import type { LiftConfig, LiftHeadConfig } from './config.ts';
import { CosineHead } from './cosine-head.ts';
import { averageCrops } from './crops.ts';
import { featuresOf, projectionOf } from './features.ts';
import { classMeanWeights, textWeights } from './head-start.ts';

/**
 * The parts of {@link Lift}.
 *
 * - `textTower` with `tokenizer`, or `classEmbeddings`: initialise the classifier, unless `classMeanEpochs` is above 0.
 * - `encoder`: needed for adapters. `lift-head` can do without it if the inputs are features already.
 * - `criterion`: replaces the logit-adjusted loss.
 */
export type LiftParts = Pick<
  MethodParts,
  | 'features'
  | 'encoder'
  | 'textTower'
  | 'tokenizer'
  | 'classEmbeddings'
  | 'criterion'
  | 'lossReduction'
  | 'scores'
  | 'softLabels'
>;

/**
 * LIFT: long-tailed classification with a frozen foundation model. It trains adapters in the blocks, and a cosine
 * classifier that is initialised with the texts of the classes. Scores are logits. Test images can be stacks of crops;
 * scores are then averaged over them.
 *
 * State names: `encoder.…` with `….adapter.…`; `head.weight`; with `classMeanEpochs` also `class_sums` [C, W] and
 * `class_counts` [C].
 *
 * Source: Shi et al. (LIFT), ICML 2024, and their code.
 */
export class Lift extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly head: CosineHead;
  readonly class_sums: ModuleBuffer | undefined;
  readonly class_counts: ModuleBuffer | undefined;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;
  readonly config: LiftConfig | LiftHeadConfig;
  readonly #adapts: boolean;

  /** @throws OptionError; NotSupportedError for an encoder whose blocks take no adapters */
  constructor(task: Task, parts: LiftParts, config: LiftConfig | LiftHeadConfig, random: RandomStreams) {
    super();
    checkSingleLabels(task);
    const { encoder, features, criterion } = parts;
    const classes = task.classes.length;
    const projection = projectionOf(encoder);
    const width = projection?.shape[0] ?? features;
    this.config = config;
    this.encoder = encoder;
    this.#adapts = 'adapters' in config;
    if (encoder) freezeNetwork(encoder, { parameters: '', statistics: '' });
    if ('adapters' in config) {
      if (!encoder) throw missing('parts.encoder', 'an encoder, whose blocks get adapters');
      attachAdapters(encoder, { ...config.adapters, width, classes, random: random.stream('init') });
    }
    this.head = new CosineHead({ features: width, classes, scale: config.scale, random: random.stream('init') });
    if (config.classMeanEpochs > 0) {
      this.class_sums = new ModuleBuffer(tf.zeros([classes, width]), 'mean');
      this.class_counts = new ModuleBuffer(tf.zeros([classes]), 'mean');
    } else this.#startFromTexts(task, parts);
    this.scores = (criterion && parts.scores) ?? 'softmax';
    const stages = [this.#meansStage(), this.#trainStage(task, parts)];
    this.stages = stages.filter(({ epochs }) => epochs > 0);
  }

  forward(inputs: tf.Tensor): { readonly features: tf.Tensor2D; readonly logits: tf.Tensor2D } {
    return tf.tidy(() => {
      const features = tf.clone(this.#encode(inputs));
      return { features, logits: this.head.forward(features) };
    });
  }

  /** Logits [B, C]. Images can be stacks of crops, see {@link averageCrops}. */
  predict(inputs: tf.Tensor): tf.Tensor2D {
    const score = (images: tf.Tensor): tf.Tensor2D => tf.tidy(() => this.forward(images).logits);
    return this.encoder ? averageCrops(inputs, score) : score(inputs);
  }

  #encode(inputs: tf.Tensor): tf.Tensor2D {
    const { encoder } = this;
    if (!encoder) return inputs as tf.Tensor2D;
    return this.#adapts ? featuresOf(encoder, inputs) : withoutGradient(() => tf.clone(featuresOf(encoder, inputs)));
  }

  #startFromTexts({ classes }: Task, { encoder, classEmbeddings, textTower, tokenizer }: LiftParts): void {
    if (!classEmbeddings && !(textTower && tokenizer)) {
      const argument = textTower ? 'parts.tokenizer' : 'parts.textTower';
      throw missing(argument, 'a text tower and a tokenizer, or parts.classEmbeddings, or the option classMeanEpochs');
    }
    tf.tidy(() => {
      const texts =
        classEmbeddings ??
        readClasses(classes, this.config.templates, { textTower: textTower!, tokenizer: tokenizer! });
      const projection = projectionOf(encoder)?.variable as tf.Tensor2D | undefined;
      const weights = textWeights(texts, projection);
      const [C, W] = this.head.weight.shape;
      const argument = classEmbeddings ? 'parts.classEmbeddings' : 'parts.textTower';
      checkShapes('Lift', { [argument]: [weights, `${C} ${W}`] });
      this.head.weight.variable.assign(weights);
    });
  }

  /** The stage that computes the mean feature of each class. */
  #meansStage(): Stage {
    const assign = (): void => {
      const [sums, counts] = [this.class_sums?.variable, this.class_counts?.variable] as tf.Tensor[];
      tf.tidy(
        () => void this.head.weight.variable.assign(classMeanWeights(sums as tf.Tensor2D, counts as tf.Tensor1D)),
      );
    };
    return {
      name: 'class-means',
      epochs: this.config.classMeanEpochs,
      gradient: false,
      step: (batch) => this.#gather(batch as Batch),
      beforeEvaluation: assign,
      optimizer: () => nothing,
      schedule: () => constantRate(),
    };
  }

  #gather({ inputs, labels }: Batch): StepResult {
    const features = this.#encode(inputs);
    const [sums, counts] = [this.class_sums?.variable, this.class_counts?.variable] as tf.Variable[];
    sums.assign(tf.add(sums, tf.matMul(labels, features, true, false)));
    counts.assign(tf.add(counts, tf.sum(labels, 0)));
    return { loss: tf.scalar(0), terms: {} };
  }

  #trainStage({ statistics }: Task, { criterion, lossReduction, softLabels = false }: LiftParts): Stage {
    const { tau } = this.config;
    const published: Criterion = (logits, labels) => balancedSoftmax(logits, labels, statistics, { tau });
    const loss = criterion ?? published;
    return {
      name: 'train',
      ...trainingOf(this.config),
      step: (batch, { epoch }) => {
        const { inputs, labels, known } = batch as Batch;
        return { loss: loss(this.forward(inputs).logits, labels, known, epoch), terms: {} };
      },
      mode: ({ epoch }) => loss.mode?.(epoch) ?? '',
      softLabels: criterion !== undefined && softLabels,
      ...(criterion && lossReduction && { lossReduction }),
    };
  }
}

/** An optimiser for a stage that trains no parameter. */
const nothing = {
  step() {},
  exportState: async () => new Map(),
  importState() {},
  dispose() {},
};

/** The classes in each template, [T, C, D]. */
function readClasses(classes: readonly string[], templates: readonly string[], reader: TextReader): tf.Tensor {
  const read = (template: string): tf.Tensor2D =>
    readTexts(
      'Lift',
      classes.map((name) => inTemplate(template, name)),
      reader,
    );
  return tf.stack(templates.map(read));
}

function missing(argument: string, expected: string): OptionError {
  return new OptionError({ where: 'Lift', argument, expected, received: 'nothing' });
}

function checkSingleLabels({ classes, statistics: { together } }: Task): void {
  if (!together) return;
  const [a, b] = together.map((c) => classes[c]);
  const received = `images of both ${a} and ${b}`;
  throw new DataError({ where: 'lift', argument: 'task', expected: 'one class per image', received });
}
