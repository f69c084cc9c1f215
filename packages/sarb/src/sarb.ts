import { partialBinaryCrossEntropy, partialBinaryCrossEntropyPerImage } from '@ltml/losses';
import {
  BatchNorm,
  Conv2d,
  checkShapes,
  convBatchNorm,
  freezeNetwork,
  fromHost,
  Module,
  ModuleBuffer,
  OptionError,
  Parameter,
  type RandomStream,
  type RandomStreams,
  withoutGradient,
} from '@ltml/tensor';
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
import { cooccurrenceAdjacency } from './adjacency.ts';
import { type LabelledFeatures, mix } from './blend.ts';
import type { SarbConfig } from './config.ts';
import { contrastiveLoss, pairPlaces } from './contrastive.ts';
import type { ElementWiseLinear } from './element-wise-linear.ts';
import type { GatedGraphNetwork } from './gated-graph-network.ts';
import { GraphClassifier } from './graph-classifier.ts';
import { blendInstances, type Pairing, pairedBy, reversal, transferable } from './instance-blending.ts';
import { blendPrototypes, choosePrototypes } from './prototype-blending.ts';
import { classPrototypes } from './prototypes/class-prototypes.ts';
import { contrastiveWeight, isBlending, prototypesDue } from './schedule.ts';
import { SemanticAttention } from './semantic-attention.ts';
import { type ClassFeatures, SemanticDecoupling } from './semantic-decoupling.ts';

/**
 * What a SARB learner is put together from: prototypes come from the training set, semantic decoupling looks with the
 * embeddings of the classes, which are copied and do not train. The learner freezes of the encoder what the
 * configuration says.
 *
 * A criterion takes the place of the partial binary cross-entropy. One that takes no soft labels sees what is blended in as
 * present.
 */
export type SarbParts = Omit<MethodParts, 'encoder'> & { readonly encoder?: MapEncoder };

/**
 * Semantic-Aware Representation Blending, and what it is compared with: SSGRL, ILRB and PLRB alone, mixup of inputs and
 * of maps.
 *
 *     L = L(s, y) + L(ŝ, ŷ) + L(s̃, ỹ) + λ·contrastive
 *
 * with ŝ, ŷ of features blended with another image's and s̃, ỹ of features blended with a prototype, from epoch
 * `blending.from` on. Predictions blend nothing. State names are those of the published weights; prototypes and graph are
 * buffers besides, so that a resumed run has them.
 *
 * Source: Pu et al., AAAI 2022, and their code.
 */
export class Sarb extends Module implements Learner {
  readonly encoder: MapEncoder | undefined;
  /** Brings the map to D channels, if it has another number. */
  readonly changeChannel: [Conv2d, BatchNorm] | [];
  readonly SemanticDecoupling: SemanticDecoupling | undefined;
  readonly SemanticAttention: SemanticAttention | undefined;
  readonly wordFeatures: ModuleBuffer | undefined;
  readonly GraphNeuralNetwork: GatedGraphNetwork;
  readonly fc: GraphClassifier['fc'];
  readonly classifiers: ElementWiseLinear;
  /** α, a scalar; what blends with other images. */
  readonly alpha: Parameter | undefined;
  /** β, a scalar; what blends with prototypes. */
  readonly beta: Parameter | undefined;
  /** [C, K, D] */
  readonly prototypes: ModuleBuffer | undefined;
  /** [C] */
  readonly prototypeCounts: ModuleBuffer | undefined;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;
  readonly #classifier: GraphClassifier;
  readonly #config: SarbConfig;
  readonly #parts: SarbParts;
  readonly #classes: number;
  readonly #criterion: Criterion;

  constructor(task: Task, parts: SarbParts, config: SarbConfig, random: RandomStreams) {
    super();
    const { features: channels, encoder, classEmbeddings } = parts;
    const { features, attention, graphSteps, blending } = config;
    checkParts(task, parts, config);
    const classes = task.classes.length;
    const init = random.stream('init');
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, config.freeze);
    this.changeChannel =
      attention.name === 'masks' || channels === features ? [] : changeChannel(channels, features, init);
    if (attention.name === 'masks') {
      this.SemanticAttention = new SemanticAttention({ channels, features, classes, random: init });
    } else {
      const { innerFeatures } = attention;
      const wordFeatures = classEmbeddings!.shape[1];
      this.SemanticDecoupling = new SemanticDecoupling({ features, wordFeatures, innerFeatures, random: init });
      this.wordFeatures = new ModuleBuffer(tf.clone(classEmbeddings!), 'same');
    }
    const adjacency = cooccurrenceAdjacency(task.statistics);
    this.#classifier = new GraphClassifier({ features, adjacency, steps: graphSteps, random: init });
    this.GraphNeuralNetwork = this.#classifier.GraphNeuralNetwork;
    this.fc = this.#classifier.fc;
    this.classifiers = this.#classifier.classifiers;
    this.alpha = shareParameter(blending.instances ?? blending.mixup);
    this.beta = shareParameter(blending.prototypes);
    if (blending.prototypes) {
      this.prototypes = new ModuleBuffer(tf.zeros([classes, blending.prototypes.count, features]), 'same');
      this.prototypeCounts = new ModuleBuffer(tf.zeros([classes]), 'same');
    }
    this.#classes = classes;
    this.#config = config;
    this.#parts = parts;
    this.#criterion = parts.criterion ?? partialCrossEntropy[config.normalization];
    this.scores = parts.scores ?? 'sigmoid';
    this.stages = [this.#stage()];
  }

  /** `map` [B, H, W, D], `attention` [B, C, H·W], `features` [B, C, D] of each class, `logits` [B, C]. */
  forward(inputs: tf.Tensor): { map: tf.Tensor4D; logits: tf.Tensor2D } & ClassFeatures {
    return tf.tidy(() => {
      const map = this.#map(inputs);
      const { attention, features } = this.#attend(map);
      // A tensor of its own, also where inputs are the map.
      return { map: tf.clone(map), attention, features, logits: this.classify(features) };
    });
  }

  /** Logits [B, C] of class features [B, C, D], blended ones too. */
  classify(features: tf.Tensor3D): tf.Tensor2D {
    return this.#classifier.forward(features);
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }

  /** By the attention of each class to the places of the map. */
  evidence(inputs: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const { map, attention } = this.forward(inputs);
      const [B, C] = attention.shape;
      return tf.reshape(attention, [B, C, map.shape[1], map.shape[2]]);
    });
  }

  #step({ inputs, labels, known }: Batch, context: StepContext): StepResult {
    const { blending, contrastive } = this.#config;
    const blends = isBlending(context.epoch, blending);
    const mixup = blends ? blending.mixup : null;
    if (blends) this.#clampShares();
    const pairing = this.#pairing(labels.shape[0], context.random);
    const encoded = this.#encode(this.#mixedUp('inputs', inputs, mixup?.of, pairing));
    // Inputs that are mixed up are not shared: the other image may be another rank's.
    const whole = this.#sharesBatches ? context.gather(encoded) : encoded;
    const maps = this.#mixedUp('maps', this.#changed(whole), mixup?.of, pairing);
    const { features } = this.#attend(maps as tf.Tensor4D);
    const embedded = this.#classifier.embed(features);
    const [own, ...mixed] = mixup ? tf.split(embedded, 2) : [embedded];
    const plain = { features: own, labels, known } as LabelledFeatures;
    const views: Record<string, LabelledFeatures> = { bce: plain };
    if (mixup) views.mixup = this.#mixupLabels(plain, mixed[0] as tf.Tensor3D, pairing);
    if (blends && blending.instances) views.instances = this.#withInstances(plain, pairing);
    if (blends && blending.prototypes) views.prototypes = this.#withPrototypes(plain, context.random);
    const terms = this.#losses(views, context.epoch);
    if (contrastive)
      terms.contrastive = this.#contrastive(tf.slice(features, 0, labels.shape[0]), labels, known, context);
    return { loss: tf.addN(Object.values(terms)), terms };
  }

  async #computePrototypes(context: StepContext): Promise<void> {
    const { blending } = this.#config;
    const { prototypes } = blending;
    if (!prototypes) return;
    const schedule = { from: blending.from, prototypesEvery: prototypes.every };
    if (!prototypesDue(context.epoch, schedule)) return;
    const { count, samples } = prototypes;
    const wasTraining = this.training;
    this.eval();
    try {
      const computed = await classPrototypes(
        this.#parts.trainingSet!(context),
        (inputs) => this.#attend(this.#map(inputs)).features,
        { classes: this.#classes, count, samples, random: context.random, round: context.epoch },
      );
      tf.tidy(() => {
        const shape: [number, number, number] = [this.#classes, count, this.#config.features];
        // A training set without a known positive has no prototypes, not even their size.
        if (computed.prototypes.length > 0) this.prototypes!.variable.assign(tf.tensor3d(computed.prototypes, shape));
        this.prototypeCounts!.variable.assign(tf.tensor1d(Float32Array.from(computed.counts)));
      });
    } finally {
      this.train(wasTraining);
    }
  }

  #map(inputs: tf.Tensor): tf.Tensor4D {
    return this.#changed(this.#encode(inputs));
  }

  #encode(inputs: tf.Tensor): tf.Tensor4D {
    return (this.encoder ? this.encoder.forward(inputs).featureMap : inputs) as tf.Tensor4D;
  }

  /** The map at D channels; for attention by masks, which makes the channels itself, as it is. */
  #changed(map: tf.Tensor4D): tf.Tensor4D {
    const [conv, norm] = this.changeChannel;
    return conv && norm ? convBatchNorm(conv, norm, map) : map;
  }

  #attend(map: tf.Tensor4D): ClassFeatures {
    if (this.SemanticAttention) return this.SemanticAttention.forward(map);
    return this.SemanticDecoupling!.forward(map, this.wordFeatures!.variable as unknown as tf.Tensor2D);
  }

  /** Logits of all views by one pass, and their losses. */
  #losses(views: Record<string, LabelledFeatures>, epoch: number): Record<string, tf.Scalar> {
    const { criterion, softLabels = false } = this.#parts;
    const asTaken = (labels: tf.Tensor2D): tf.Tensor2D =>
      criterion && !softLabels
        ? withoutGradient(() => tf.cast<tf.Tensor2D>(tf.greater<tf.Tensor2D>(labels, 0), 'float32'))
        : labels;
    const entries = Object.entries(views);
    const all = entries.map(([, { features }]) => features);
    const logits =
      all.length > 1
        ? tf.split(this.#classifier.classify(tf.concat(all)), all.length)
        : all.map((one) => this.#classifier.classify(one));
    return Object.fromEntries(
      entries.map(([name, { labels, known }], i) => [
        name,
        this.#criterion(logits[i] as tf.Tensor2D, asTaken(labels), known, epoch),
      ]),
    );
  }

  #withInstances(plain: LabelledFeatures, pairing: Pairing): LabelledFeatures {
    const { detachLabels } = this.#config.blending;
    return blendInstances(plain, { alpha: this.alpha!.variable, pairing, detachLabels });
  }

  #withPrototypes(plain: LabelledFeatures, random: RandomStreams): LabelledFeatures {
    const { prototypes, detachLabels } = this.#config.blending;
    const { draw, overwriteFullyKnown } = prototypes!;
    const [B, C] = plain.labels.shape;
    const { chosen, prototypes: raw } = choosePrototypes(plain.known, {
      noise: uniform([B, C], random.stream('blend')) as tf.Tensor2D,
      draw: uniform([draw === 'image' ? B : 1], random.stream('blend')) as tf.Tensor1D,
      prototypes: this.prototypes!.variable as unknown as tf.Tensor3D,
      counts: this.prototypeCounts!.variable as unknown as tf.Tensor1D,
      overwriteFullyKnown,
    });
    const embedded = tf.squeeze<tf.Tensor2D>(this.#classifier.embed(tf.expandDims(raw, 1)), [1]);
    return blendPrototypes(plain, { chosen, prototypes: embedded }, { beta: this.beta!.variable, detachLabels });
  }

  /** x and, behind it, x blended image by image, if that is what is mixed up. */
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

  #contrastive(features: tf.Tensor3D, labels: tf.Tensor2D, known: tf.Tensor2D, context: StepContext): tf.Scalar {
    const { weight, pairs, reduction } = this.#config.contrastive!;
    const [B, C] = labels.shape;
    const order = (): tf.Tensor1D => {
      const shuffled = (): Float32Array => context.random.stream('pairs').shuffle(Float32Array.from(pairPlaces(B, C)));
      return fromHost([(C * B * (B - 1)) / 2], shuffled) as tf.Tensor1D;
    };
    const loss = contrastiveLoss(features, labels, known, { pairs: pairs === 'sampled' ? order() : pairs, reduction });
    const factor = fromHost([], () => {
      const { step, totalSteps, epochs } = context;
      return Float32Array.of(contrastiveWeight(step, totalSteps / epochs, weight));
    });
    return tf.mul(loss, factor);
  }

  #pairing(B: number, random: RandomStreams): Pairing {
    if (this.#config.blending.instances?.pairing !== 'random') return reversal;
    const partner = fromHost([B], () => Float32Array.from(random.stream('partners').permutation(B)));
    return pairedBy(tf.cast(partner, 'int32') as tf.Tensor1D);
  }

  /** Puts α and β back between 0 and 1. That is no part of the function that is differentiated. */
  #clampShares(): void {
    for (const share of [this.alpha, this.beta]) share?.variable.assign(tf.clipByValue(share.variable, 0, 1));
  }

  get #sharesBatches(): boolean {
    return this.#config.blending.mixup?.of !== 'inputs';
  }

  #stage(): Stage {
    const { blending, normalization } = this.#config;
    // The cross-entropy of the paper's text is a sum over images.
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

function changeChannel(inChannels: number, outChannels: number, random: RandomStream): [Conv2d, BatchNorm] {
  return [
    new Conv2d({ inChannels, outChannels, kernel: 1, bias: false, random }),
    new BatchNorm({ channels: outChannels }),
  ];
}

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

function checkParts(
  { classes }: Task,
  { classEmbeddings, trainingSet }: SarbParts,
  { attention, blending }: SarbConfig,
): void {
  const missing = (argument: string, expected: string): OptionError =>
    new OptionError({ where: 'sarb.create', argument, expected, received: 'nothing' });
  if (attention.name === 'decoupling') {
    if (!classEmbeddings)
      throw missing(
        'parts.classEmbeddings',
        "word vectors [C, E], for semantic decoupling; attention 'masks' needs none",
      );
    checkShapes('sarb.create', {
      'task.classes': [{ shape: [classes.length] }, 'C'],
      'parts.classEmbeddings': [classEmbeddings, 'C E'],
    });
  }
  if (blending.prototypes && !trainingSet) throw missing('parts.trainingSet', 'batches to make the prototypes from');
}
