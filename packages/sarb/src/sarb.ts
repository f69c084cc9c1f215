import { partialBinaryCrossEntropy, partialBinaryCrossEntropyPerImage } from '@ltml/losses';
import { fromHost, ModuleBuffer, OptionError, Parameter, type RandomStream, type RandomStreams } from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type {
  Batch,
  Criterion,
  Learner,
  MapEncoder,
  MethodParts,
  NamedParameter,
  ScoreKind,
  Stage,
  StepContext,
  StepResult,
  Task,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { asTaken } from './as-taken.ts';
import { type LabelledFeatures, mix } from './blend.ts';
import type { SarbConfig } from './config.ts';
import { contrastiveTerm } from './contrastive-term.ts';
import { blendInstances, type Pairing, pairedBy, reversal, transferable } from './instance-blending.ts';
import { blendPrototypes, type ChosenPrototypes, choosePrototypes } from './prototype-blending.ts';
import { classPrototypes } from './prototypes/class-prototypes.ts';
import { type PlacedFeatures, quadrantPrototypes } from './prototypes/quadrant-prototypes.ts';
import { type PrototypeBuffers, refreshPrototypes } from './prototypes/refresh-prototypes.ts';
import { attentionQuadrants, chooseQuadrants, quadrants } from './quadrants.ts';
import { isBlending, prototypesDue } from './schedule.ts';
import { checkSsgrlParts, Ssgrl } from './ssgrl.ts';

/**
 * The parts of a {@link Sarb} learner.
 *
 * - `trainingSet`: batches for the prototypes. Needed if the configuration has prototypes.
 * - `classEmbeddings`: word vectors for semantic decoupling. The learner keeps a copy, which does not train.
 * - `encoder`: the learner freezes its layers as the configuration says.
 * - `criterion`: replaces the partial binary cross-entropy. If it does not accept soft labels, a blended label counts
 *   as present.
 */
export type SarbParts = Omit<MethodParts, 'encoder'> & { readonly encoder?: MapEncoder };

/**
 * The learner of Semantic-Aware Representation Blending (SARB), and of its baselines: SSGRL, ILRB or PLRB alone, and
 * mixup of inputs or of feature maps.
 *
 *     L = L(s, y) + L(ŝ, ŷ) + L(s̃, ỹ) + λ·contrastive
 *
 * ŝ and ŷ are logits and labels after blending with another image. s̃ and ỹ are those after blending with a prototype.
 * Both terms start at epoch `blending.from`. Predictions use no blending.
 *
 * State names are those of the published weights. Prototypes and label graph are buffers in addition, so that a resumed
 * run has them.
 *
 * Source: Pu et al., AAAI 2022, and their code.
 */
export class Sarb extends Ssgrl implements Learner {
  /** α, a scalar: the share that a slot keeps when it is blended with another image. */
  readonly alpha: Parameter | undefined;
  /** β, a scalar: the share that a slot keeps when it is blended with a prototype. */
  readonly beta: Parameter | undefined;
  /** [C, K, D], or [C, 4, D] with quadrants. */
  readonly prototypes: ModuleBuffer | undefined;
  /** [C], or [C, 4] with quadrants. */
  readonly prototypeCounts: ModuleBuffer | undefined;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;
  readonly #config: SarbConfig;
  readonly #parts: SarbParts;
  readonly #classes: number;
  readonly #criterion: Criterion;

  constructor(task: Task, parts: SarbParts, config: SarbConfig, random: RandomStreams) {
    const { features, blending } = config;
    checkParts(task, parts, config);
    super(task, parts, config, random.stream('init'));
    const classes = task.classes.length;
    this.alpha = shareParameter(blending.instances ?? blending.mixup);
    this.beta = shareParameter(blending.prototypes ?? blending.quadrants);
    if (this.beta) {
      const [count, shape] = blending.prototypes
        ? [blending.prototypes.count, [classes]]
        : [quadrants, [classes, quadrants]];
      this.prototypes = new ModuleBuffer(tf.zeros([classes, count, features]), 'same');
      this.prototypeCounts = new ModuleBuffer(tf.zeros(shape), 'same');
    }
    this.#classes = classes;
    this.#config = config;
    this.#parts = parts;
    this.#criterion = parts.criterion ?? partialCrossEntropy[config.normalization];
    this.scores = parts.scores ?? 'sigmoid';
    this.stages = [this.#stage()];
  }

  #step({ inputs, labels, known }: Batch, context: StepContext): StepResult {
    const { blending, contrastive } = this.#config;
    const blends = isBlending(context.epoch, blending);
    const mixup = blends ? blending.mixup : null;
    if (blends) this.#clampShares();
    const pairing = this.#pairing(labels.shape[0], context.random);
    const encoded = this.encode(this.#mixedUp('inputs', inputs, mixup?.of, pairing));
    // With mixup of inputs, ranks do not gather their batches: each rank mixes its own images before it encodes them.
    const whole = this.#sharesBatches ? context.gather(encoded) : encoded;
    const maps = this.#mixedUp('maps', this.changed(whole), mixup?.of, pairing);
    const { features, attention } = this.attend(maps as tf.Tensor4D);
    const embedded = this.embed(features);
    const [own, ...mixed] = mixup ? tf.split(embedded, 2) : [embedded];
    const plain = { features: own, labels, known } as LabelledFeatures;
    const views: Record<string, LabelledFeatures> = { bce: plain };
    if (mixup) views.mixup = this.#mixupLabels(plain, mixed[0] as tf.Tensor3D, pairing);
    if (blends && blending.instances) views.instances = this.#withInstances(plain, pairing);
    if (blends && blending.prototypes) views.prototypes = this.#withClusters(plain, context.random);
    if (blends && blending.quadrants) {
      const own = attentionQuadrants(tf.slice(attention, 0, labels.shape[0]), [maps.shape[1]!, maps.shape[2]!]);
      views.quadrants = this.#withQuadrants(plain, own, context.random);
    }
    const terms = this.#losses(views, context.epoch);
    if (contrastive) {
      const shown = tf.slice(features, 0, labels.shape[0]);
      terms.contrastive = contrastiveTerm(shown, labels, known, contrastive, context);
    }
    return { loss: tf.addN(Object.values(terms)), terms };
  }

  async #computePrototypes(context: StepContext): Promise<void> {
    const { from, prototypes, quadrants } = this.#config.blending;
    const every = (prototypes ?? quadrants)?.every;
    if (every === undefined || !prototypesDue(context.epoch, { from, prototypesEvery: every })) return;
    const batches = this.#parts.trainingSet!(context);
    const attended = (inputs: tf.Tensor): PlacedFeatures => {
      const map = this.changed(this.encode(inputs));
      const { features, attention } = this.attend(map);
      return { features, own: attentionQuadrants(attention, [map.shape[1], map.shape[2]]) };
    };
    const classes = this.#classes;
    await refreshPrototypes(this, this as PrototypeBuffers, () => {
      if (quadrants) return quadrantPrototypes(batches, attended, { classes, samples: quadrants.samples });
      const { count, samples } = prototypes!;
      const options = { classes, count, samples, random: context.random, round: context.epoch };
      return classPrototypes(batches, (inputs) => this.attend(this.changed(this.encode(inputs))).features, options);
    });
  }

  /** The losses of all views. Their logits are computed in one pass. */
  #losses(views: Record<string, LabelledFeatures>, epoch: number): Record<string, tf.Scalar> {
    const entries = Object.entries(views);
    const all = entries.map(([, { features }]) => features);
    const logits =
      all.length > 1
        ? tf.split(this.classifyEmbedded(tf.concat(all)), all.length)
        : all.map((one) => this.classifyEmbedded(one));
    return Object.fromEntries(
      entries.map(([name, { labels, known }], i) => [
        name,
        this.#criterion(logits[i] as tf.Tensor2D, asTaken(labels, this.#parts), known, epoch),
      ]),
    );
  }

  #withInstances(plain: LabelledFeatures, pairing: Pairing): LabelledFeatures {
    const { detachLabels } = this.#config.blending;
    return blendInstances(plain, { alpha: this.alpha!.variable, pairing, detachLabels });
  }

  #withClusters(plain: LabelledFeatures, random: RandomStreams): LabelledFeatures {
    const { draw, overwriteFullyKnown } = this.#config.blending.prototypes!;
    const [B, C] = plain.labels.shape;
    const choice = {
      noise: uniform([B, C], random.stream('blend')) as tf.Tensor2D,
      draw: uniform([draw === 'image' ? B : 1], random.stream('blend')) as tf.Tensor1D,
      prototypes: this.prototypes!.variable as unknown as tf.Tensor3D,
      counts: this.prototypeCounts!.variable as unknown as tf.Tensor1D,
      overwriteFullyKnown,
    };
    return this.#withPrototypes(plain, choosePrototypes(plain.known, choice));
  }

  #withQuadrants(plain: LabelledFeatures, own: tf.Tensor2D, random: RandomStreams): LabelledFeatures {
    const [B, C] = plain.labels.shape;
    const choice = {
      noise: uniform([B, C], random.stream('blend')) as tf.Tensor2D,
      draw: uniform([B], random.stream('blend')) as tf.Tensor1D,
      prototypes: this.prototypes!.variable as unknown as tf.Tensor3D,
      counts: this.prototypeCounts!.variable as unknown as tf.Tensor2D,
      own,
    };
    return this.#withPrototypes(plain, chooseQuadrants(plain.known, choice));
  }

  #withPrototypes(plain: LabelledFeatures, { chosen, prototypes: raw }: ChosenPrototypes): LabelledFeatures {
    const { detachLabels } = this.#config.blending;
    const embedded = tf.squeeze<tf.Tensor2D>(this.embed(tf.expandDims(raw, 1)), [1]);
    return blendPrototypes(plain, { chosen, prototypes: embedded }, { beta: this.beta!.variable, detachLabels });
  }

  /** Appends to x its mixup with the partner images, if `of` is what mixup mixes. */
  #mixedUp(of: string, x: tf.Tensor, mixed: string | undefined, pairing: Pairing): tf.Tensor {
    if (of !== mixed) return x;
    return tf.concat([x, tf.add(x, tf.mul(tf.sub(1, this.alpha!.variable), tf.sub(pairing(x), x)))]);
  }

  #mixupLabels(plain: LabelledFeatures, mixed: tf.Tensor3D, pairing: Pairing): LabelledFeatures {
    const chosen = transferable(plain, pairing);
    const kept = this.alpha!.variable;
    const { detachLabels } = this.#config.blending;
    return { ...mix({ ...plain, features: mixed }, { chosen, other: mixed, kept }, { detachLabels }), features: mixed };
  }

  #pairing(B: number, random: RandomStreams): Pairing {
    if (this.#config.blending.instances?.pairing !== 'random') return reversal;
    const partner = fromHost([B], () => Float32Array.from(random.stream('partners').permutation(B)));
    return pairedBy(tf.cast(partner, 'int32') as tf.Tensor1D);
  }

  /** Clips α and β to [0, 1]. No gradient flows through the clipping. */
  #clampShares(): void {
    for (const share of [this.alpha, this.beta]) share?.variable.assign(tf.clipByValue(share.variable, 0, 1));
  }

  get #sharesBatches(): boolean {
    return this.#config.blending.mixup?.of !== 'inputs';
  }

  #stage(): Stage {
    const { blending, normalization } = this.#config;
    // In the paper's text the cross-entropy is a sum over images.
    const { criterion, lossReduction = !criterion && normalization === 'image' ? 'sum' : undefined } = this.#parts;
    return {
      name: 'train',
      ...trainingOf(this.#config, (parameters, rates) => {
        const { learningRate } = rates;
        const isShare = ([, parameter]: NamedParameter): boolean => parameter === this.alpha || parameter === this.beta;
        return [
          { ...rates, parameters: parameters.filter((named) => !isShare(named)) },
          {
            ...rates,
            parameters: parameters.filter(isShare),
            learningRate: blending.shareLearningRate ?? learningRate,
          },
        ];
      }),
      shares: this.#sharesBatches,
      step: (batch: Batch, context) => this.#step(batch, context),
      mode: ({ epoch }) =>
        [isBlending(epoch, blending) ? 'blending' : 'plain', this.#criterion.mode?.(epoch) ?? ''].join(' '),
      onEpochStart: (context) => this.#computePrototypes(context),
      ...(lossReduction && { lossReduction }),
    };
  }
}

const partialCrossEntropy: Readonly<Record<SarbConfig['normalization'], Criterion>> = {
  batch: (logits, labels, known) => partialBinaryCrossEntropy(logits, labels, { known }),
  image: (logits, labels, known) => partialBinaryCrossEntropyPerImage(logits, labels, { known, reduction: 'sum' }),
};

function shareParameter(config: { readonly share: number; readonly learnable: boolean } | null): Parameter | undefined {
  if (!config) return undefined;
  const parameter = new Parameter(tf.scalar(config.share));
  parameter.trainable = config.learnable;
  return parameter;
}

function uniform(shape: number[], stream: RandomStream): tf.Tensor {
  const size = shape.reduce((product, n) => product * n, 1);
  return fromHost(shape, () => Float32Array.from({ length: size }, () => stream.uniform()));
}

function checkParts(task: Task, parts: SarbParts, config: SarbConfig): void {
  const where = 'sarb.create';
  checkSsgrlParts(where, task, parts, config);
  const { prototypes, quadrants } = config.blending;
  if ((prototypes ?? quadrants) && !parts.trainingSet) {
    const expected = 'the training batches, from which prototypes are computed';
    throw new OptionError({ where, argument: 'parts.trainingSet', expected, received: 'nothing' });
  }
  if (prototypes && quadrants) {
    const [expected, received] = ['null, because blending.quadrants is set', 'a second kind of prototypes'];
    throw new OptionError({ where, argument: 'config.blending.prototypes', expected, received });
  }
}
