import { freezeNetwork, Module, OptionError, type RandomStreams } from '@ltml/tensor';
import type { Batch, Criterion, Encoder, Learner, MethodParts, ScoreKind, Stage, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { attentionMaps } from './attention-map.ts';
import type { CprflConfig } from './config.ts';
import { CprflHead, type CprflOutput } from './head.ts';
import { PooledHead } from './pooled-head.ts';
import { publishedLoss } from './published-losses.ts';
import { trainingStage } from './stage.ts';

/**
 * The parts of a {@link CprflLearner}.
 *
 * - `encoder`: the head takes its `featureMap`, or its `patches` if it has no feature map.
 * - `features`: the number of channels of that output.
 * - `classEmbeddings`: not needed by the baseline of Table 3.
 * - `criterion`: replaces the loss of the configuration.
 */
export type CprflParts = Pick<
  MethodParts,
  'features' | 'encoder' | 'classEmbeddings' | 'criterion' | 'lossReduction' | 'scores' | 'softLabels'
>;

/**
 * CPRFL as a learner: inputs → logits [B, C]. With an encoder the inputs are images [B, H, W, 3]. Without one they are
 * feature maps [B, H, W, I] or tokens [B, L, I]. State names: `encoder.…`, `head.…`.
 */
export class CprflLearner extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly head: CprflHead | PooledHead;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;
  /** Where the image shows each class: its {@link attentionMaps}. The baseline has none. */
  readonly evidence: ((inputs: tf.Tensor) => tf.Tensor4D) | undefined;
  readonly #criterion: Criterion;

  constructor(task: Task, parts: CprflParts, config: CprflConfig, random: RandomStreams) {
    super();
    const { encoder, criterion, lossReduction, scores = 'sigmoid', softLabels = false } = parts;
    this.encoder = encoder;
    this.head = createHead(task, parts, config, random);
    this.#criterion = criterion ?? publishedLoss(config.loss, task.statistics);
    if (encoder) freezeNetwork(encoder, config.freeze);
    const { head } = this;
    this.evidence = head instanceof CprflHead ? (inputs) => this.#evidence(head, inputs) : undefined;
    this.scores = scores;
    this.stages = [
      {
        ...trainingStage(config),
        softLabels: criterion !== undefined && softLabels,
        ...(lossReduction && { lossReduction }),
        shares: true,
        step: ({ inputs, labels, known }: Batch, { epoch, gather }) => ({
          loss: this.#criterion(this.head.forward(gather(this.#places(inputs))).logits, labels, known, epoch),
          terms: {},
        }),
        mode: ({ epoch }) => this.#criterion.mode?.(epoch) ?? '',
      },
    ];
  }

  /** Logits [B, C]. {@link CprflHead} also gives prompts, visual tokens, class features and attention. */
  forward(inputs: tf.Tensor): CprflOutput | { readonly logits: tf.Tensor2D } {
    return tf.tidy(() => this.head.forward(this.#places(inputs)));
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }

  #places(inputs: tf.Tensor): tf.Tensor {
    return this.encoder ? spatial(this.encoder.forward(inputs)) : inputs;
  }

  #evidence(head: CprflHead, inputs: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const places = this.#places(inputs);
      const { attention } = head.forward(places);
      const [, height, width] = places.shape;
      if (places.rank === 4) return attentionMaps(attention, { height, width });
      // Assume that tokens come from a square image. If their number is not a square, lay them out in one row.
      const side = Math.sqrt(height);
      const size = Number.isInteger(side) ? { height: side, width: side } : { height: 1, width: height };
      return attentionMaps(attention, size);
    });
  }
}

function createHead(
  { classes }: Task,
  { features, classEmbeddings }: CprflParts,
  config: CprflConfig,
  random: RandomStreams,
): CprflHead | PooledHead {
  const { vsi, width, pi, stopClassifierGradient, stopFeatureGradient } = config;
  if (!vsi) return new PooledHead({ features, classes: classes.length, random: random.stream('init') });
  if (classEmbeddings?.shape[0] !== classes.length) {
    throw new OptionError({
      where: 'cprfl.create',
      argument: 'parts.classEmbeddings',
      expected: `[C, M] with one row for each of the ${classes.length} classes`,
      received: classEmbeddings ? `[${classEmbeddings.shape.join(', ')}]` : 'nothing',
    });
  }
  return new CprflHead({
    features,
    classEmbeddings,
    width,
    pi,
    vsi,
    stopClassifierGradient,
    stopFeatureGradient,
    random,
  });
}

/** The feature map of an encoder's output, or its patches. */
function spatial(output: Readonly<Record<string, tf.Tensor>>): tf.Tensor {
  const { featureMap, patches } = output;
  const features = featureMap ?? patches;
  if (features) return features;
  throw new OptionError({
    where: 'cprfl',
    argument: 'parts.encoder',
    expected: 'an encoder with a featureMap or patches',
    received: `one with ${Object.keys(output).join(', ')}`,
  });
}
