import { effectiveNumber } from '@ltml/losses';
import {
  constant,
  DataError,
  freezeNetwork,
  Linear,
  Module,
  momentumUpdate,
  normal,
  OptionError,
  type RandomStreams,
  recompute,
  roiAlignMean,
  softmaxCrossEntropy,
  withoutGradient,
} from '@ltml/tensor';
import type {
  Batch,
  Learner,
  MapEncoder,
  MethodParts,
  Stage,
  StepContext,
  StepResult,
  Task,
  ViewSizes,
  Views,
} from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { BalancedQueue } from './balanced-queue.ts';
import type { DsclConfig } from './config.ts';
import { type ContrastBatch, contrastLoss, type Targets, targetsOf } from './contrastive-loss.ts';
import { jointLoss } from './joint-loss.ts';
import { copyState, ProjectedEncoder } from './key-encoder.ts';
import { LabelledQueue } from './labelled-queue.ts';
import type { Patches } from './pbsd.ts';
import { ProjectionHead } from './projection-head.ts';
import { dsclStages } from './stages.ts';
import { checkViews } from './views.ts';

/**
 * The parts of a {@link Dscl} learner: two encoders of the same structure. The second follows the first by momentum.
 */
export interface DsclParts extends MethodParts {
  /** The trained encoder. */
  readonly encoder: MapEncoder;
  /** The encoder of the keys. It follows `encoder` by momentum. */
  readonly keyEncoder: MapEncoder;
}

/**
 * Decoupled contrastive learning (DSCL) with patch-based self-distillation (PBSD), in two stages.
 *
 * The inputs of `pretrain` are views (see `Views` of `@ltml/tensor/contract`). The inputs of `classify` and of
 * predictions are images [B, H, W, 3]. Labels are one-hot: one class per image.
 *
 * State names: `query.encoder.…` and `query.head.…`, which `pretrain` trains; `key.…`, which follows them; `queue.…`,
 * the past keys; `classifier.weight` and `classifier.bias`, which `classify` trains.
 *
 * Source: Xuan and Zhang, AAAI 2024.
 */
export class Dscl extends Module implements Learner {
  readonly query: ProjectedEncoder;
  readonly key: ProjectedEncoder;
  readonly queue: LabelledQueue | BalancedQueue;
  readonly classifier: Linear;
  readonly stages: readonly Stage[];
  readonly scores = 'softmax' as const;
  /** The views that `pretrain` needs. */
  readonly views: ViewSizes;
  readonly #config: DsclConfig;
  readonly #targets: Targets;
  /** [C] weights of anchors by their class; undefined: no weights. */
  readonly #classWeights: readonly number[] | undefined;

  constructor(task: Task, { encoder, keyEncoder, features }: DsclParts, config: DsclConfig, random: RandomStreams) {
    super();
    checkSingleLabel(task);
    checkNetworks({ encoder, keyEncoder });
    const init = random.stream('init');
    const classes = task.classes.length;
    const head = () => new ProjectionHead({ features, dimension: config.dimension, random: init });
    this.query = new ProjectedEncoder(encoder, head());
    this.key = new ProjectedEncoder(keyEncoder, head());
    copyState(this.key, this.query);
    this.key.freeze();
    const { size, kind, start } = config.queue;
    const queueOptions = { size, dimension: config.dimension, classes, random: random.stream('queue') };
    this.queue = kind === 'fifo' ? new LabelledQueue({ ...queueOptions, start }) : new BalancedQueue(queueOptions);
    this.classifier = new Linear({
      inFeatures: features,
      outFeatures: classes,
      initializer: normal(0, 0.01),
      biasInitializer: constant(0),
      random: init,
    });
    const { loss, count, size: patchSize } = config.patches;
    this.views = { viewSize: config.viewSize, patchSize, patches: loss === 'none' ? 0 : count };
    this.stages = dsclStages(config, this.views, {
      pretrain: (batch, context) => this.#pretrain(batch, context),
      classify: (batch, context) => this.#classify(batch, context),
    });
    this.#config = config;
    this.#targets = targetsOf('dscl', config);
    this.#classWeights = config.reweightBeta === null ? undefined : classWeights(task, config.reweightBeta);
  }

  /** Logits [B, C] of the classifier. */
  predict(images: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.classifier.forward(this.query.encoder.forward(images).features) as tf.Tensor2D);
  }

  /** `features` [B, I] of the query encoder, its `embedding` [B, D] for the contrastive loss, and `logits` [B, C]. */
  forward(images: tf.Tensor): { features: tf.Tensor2D; embedding: tf.Tensor2D; logits: tf.Tensor2D } {
    return tf.tidy(() => {
      const { features } = this.query.encoder.forward(images);
      const logits = this.classifier.forward(features) as tf.Tensor2D;
      return { features, embedding: this.query.head.forward(features), logits };
    });
  }

  #pretrain({ inputs: views, labels: oneHot }: Batch<Views>, { gather }: StepContext): StepResult {
    const { encoder, head } = this.query;
    const { patches, encoderMomentum } = this.#config;
    checkViews(views, this.views);
    const { features, featureMap } = encoder.forward(views.query);
    const anchors = gather(head.forward(features));
    const distilled = patches.loss === 'none' ? undefined : this.#encodePatches(views, featureMap, gather);
    momentumUpdate(this.key, this.query, encoderMomentum);
    const ownKeys = gather(withoutGradient(() => this.key.forward(views.key)));
    const labels = tf.argMax<tf.Tensor1D>(oneHot, 1);
    const result = this.#compare({ anchors, ownKeys, labels, queue: this.queue.contents }, distilled);
    this.queue.enqueue(ownKeys, labels);
    return result;
  }

  /** The loss of equation 15 and its terms. */
  #compare(batch: ContrastBatch, patches: Patches | undefined): StepResult {
    const { patches: options, ...config } = this.#config;
    if (!patches) {
      const contrast = this.#mean(contrastLoss(batch, config, this.#targets), batch.labels);
      return { loss: contrast, terms: { contrast } };
    }
    if (options.loss === 'multicrop') {
      const contrast = this.#mean(contrastLoss(batch, config, this.#targets), batch.labels);
      const crops = this.#mean(this.#cropLosses(batch, patches), tf.tile(batch.labels, [options.count]));
      return { loss: tf.add(contrast, tf.mul(crops, options.weight)), terms: { contrast, crops } };
    }
    const terms = jointLoss(batch, patches, config, this.#targets);
    const contrast = this.#mean(terms.contrast, batch.labels);
    const distillation = tf.mean<tf.Scalar>(terms.distillation);
    return {
      loss: tf.add(contrast, tf.mul(distillation, options.weight)),
      terms: { contrast, distillation },
    };
  }

  /** [L·B] losses with every patch as one more anchor of its image, and the candidates of equation 2. */
  #cropLosses({ ownKeys, labels, queue }: ContrastBatch, { students }: Patches): tf.Tensor1D {
    const [L, B, D] = students.shape;
    const crops = {
      anchors: tf.reshape(students, [L * B, D]) as tf.Tensor2D,
      ownKeys: tf.tile(ownKeys, [L, 1]),
      labels: tf.tile(labels, [L]),
      queue,
    };
    return contrastLoss(crops, { ...this.#config, candidates: 'queue' }, this.#targets);
  }

  /** Teachers are features of regions of the map. Students are features of the patches, encoded as separate images. */
  #encodePatches(views: Views, featureMap: tf.Tensor4D, gather: StepContext['gather']): Patches {
    const { head } = this.query;
    const { patches: stacked, boxes } = views as Required<Views>;
    const patches = tf.unstack(stacked, 1) as tf.Tensor4D[];
    const scale = featureMap.shape[1] / this.views.viewSize;
    // Regions are [B, L, …], like the boxes. `gather` joins ranks along the axis of images, so it must come first.
    const teachers = gather(
      withoutGradient(() => head.forward(roiAlignMean(featureMap, boxes as tf.Tensor3D, { scale }))),
    );
    const features =
      this.#config.patches.forward === 'separate'
        ? tf.stack(patches.map((patch) => this.#patchFeatures(patch)))
        : tf.reshape(this.#patchFeatures(tf.concat4d(patches, 0)), [patches.length, boxes.shape[0], -1]);
    const students = gather(tf.transpose(head.forward(features), [1, 0, 2]));
    return { teachers: patchFirst(teachers), students: patchFirst(students) };
  }

  #patchFeatures(patch: tf.Tensor4D): tf.Tensor {
    const { encoder } = this.query;
    if (!this.#config.patches.recompute) return encoder.forward(patch).features;
    return recompute(encoder, (images: tf.Tensor4D) => encoder.forward(images).features, patch);
  }

  /** The mean over the anchors, with class weights if there are any. */
  #mean(losses: tf.Tensor1D, labels: tf.Tensor1D): tf.Scalar {
    if (!this.#classWeights) return tf.mean(losses);
    return tf.mean(tf.mul(losses, tf.gather(tf.tensor1d([...this.#classWeights]), labels)));
  }

  #classify({ inputs, labels }: Batch, { gather }: StepContext): StepResult {
    const { encoder } = this.query;
    if (this.#config.classify.batchNorm === 'eval') freezeNetwork(encoder, { parameters: null, statistics: '' });
    const features = gather(withoutGradient(() => encoder.forward(inputs).features));
    const logits = this.classifier.forward(features) as tf.Tensor2D;
    const loss = tf.mean<tf.Scalar>(softmaxCrossEntropy(logits, labels));
    return { loss, terms: {} };
  }
}

/** [B, L, D] → [L, B, D] */
function patchFirst(embeddings: tf.Tensor): tf.Tensor3D {
  return tf.transpose(embeddings, [1, 0, 2]) as tf.Tensor3D;
}

function checkNetworks(networks: Partial<Pick<DsclParts, 'encoder' | 'keyEncoder'>>): void {
  for (const name of ['encoder', 'keyEncoder'] as const) {
    if (networks[name]) continue;
    const expected = 'an encoder: dscl trains one network, and a second one of the same structure follows it';
    throw new OptionError({ where: 'dscl', argument: `parts.${name}`, expected, received: 'nothing' });
  }
}

/** Inverse effective numbers of the classes, scaled to a mean of 1. */
function classWeights({ statistics }: Task, beta: number): readonly number[] {
  const inverse = statistics.classCounts.map((count) => 1 / effectiveNumber(Math.max(count, 1), beta));
  const mean = inverse.reduce((sum, weight) => sum + weight, 0) / inverse.length;
  return inverse.map((weight) => weight / mean);
}

/** Checks that each image has one class, because the losses compare classes by equality. */
function checkSingleLabel({ classes, statistics: { together } }: Task): void {
  if (!together) return;
  const [a, b] = together.map((c) => classes[c]);
  throw new DataError({
    where: 'dscl',
    argument: 'task',
    expected: 'one class per image',
    received: `images of both ${a} and ${b}`,
    hint: 'dsclMultiLabelInstances and dsclMultiLabelImage are for images of several classes.',
  });
}
