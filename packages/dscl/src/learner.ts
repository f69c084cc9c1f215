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

/** What the learner is put together from: two networks of one form, the second of which follows the first by momentum. */
export interface DsclParts extends MethodParts {
  readonly encoder: MapEncoder;
  readonly keyEncoder: MapEncoder;
}

/**
 * Decoupled contrastive learning with patch-based self-distillation, in two stages.
 *
 * `pretrain` takes batches of views (see `Views` of `@ltml/tensor/contract`), `classify` and prediction plain images
 * [B, H, W, 3]. Labels are one-hot: one class an image.
 *
 * State: `query.encoder.…` and `query.head.…` are trained first, `key.…` follows them, `queue.…` holds past keys;
 * `classifier.weight` and `.bias` are trained at last.
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
  /** The views that `pretrain` asks for. */
  readonly views: ViewSizes;
  readonly #config: DsclConfig;
  readonly #targets: Targets;
  /** [C] weights of anchors by class, or none. */
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

  /** Logits of the classifier. */
  predict(images: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.classifier.forward(this.query.encoder.forward(images).features) as tf.Tensor2D);
  }

  /** `features` [B, I] of the query encoder, `embedding` [B, D] (what is compared), `logits` [B, C]. */
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

  /** Every patch as one more anchor of its image, with the candidates of equation 2. [L·B] */
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

  /** Teachers from the regions of the map, students from the patches as images of their own. */
  #encodePatches(views: Views, featureMap: tf.Tensor4D, gather: StepContext['gather']): Patches {
    const { head } = this.query;
    const { patches: stacked, boxes } = views as Required<Views>;
    const patches = tf.unstack(stacked, 1) as tf.Tensor4D[];
    const scale = featureMap.shape[1] / this.views.viewSize;
    // The regions lie [B, L, …] as the boxes do; and only rows of images can be gathered.
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

  /** Over the anchors, with their classes' weights where there are any. */
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
    const expected = 'given: dscl trains one network, which another one of its form follows';
    throw new OptionError({ where: 'dscl', argument: `parts.${name}`, expected, received: 'nothing' });
  }
}

/** Inverse effective numbers, scaled so that their mean over the classes is 1. */
function classWeights({ statistics }: Task, beta: number): readonly number[] {
  const inverse = statistics.classCounts.map((count) => 1 / effectiveNumber(Math.max(count, 1), beta));
  const mean = inverse.reduce((sum, weight) => sum + weight, 0) / inverse.length;
  return inverse.map((weight) => weight / mean);
}

/** The losses take "of the same class" to be a matter of yes or no. */
function checkSingleLabel({ classes, statistics: { together } }: Task): void {
  if (!together) return;
  const [a, b] = together.map((c) => classes[c]);
  throw new DataError({
    where: 'dscl',
    argument: 'task',
    expected: 'of one class an image',
    received: `images of both ${a} and ${b}`,
    hint: 'dsclMultiLabelInstances and dsclMultiLabelImage are for images of several classes.',
  });
}
