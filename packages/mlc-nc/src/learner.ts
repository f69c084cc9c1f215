import { freezeNetwork, Module, ModuleBuffer, OptionError, type RandomStreams } from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type { Batch, Encoder, Learner, MethodParts, Stage, StepContext, StepResult, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { MlcNcConfig } from './config.ts';
import { MlcNcHead, type MlcNcOutput } from './head.ts';
import { mlcNcLoss, mlcNcWeights } from './loss.ts';
import { prototypeMeans, prototypesOf } from './prototype-contrast.ts';

/** The parts of an {@link MlcNcLearner}. Leave `encoder` out if the inputs are feature maps or patches already. */
export type MlcNcParts = Pick<MethodParts, 'features' | 'encoder'>;

/**
 * MLC-NC as a learner: each class attends to the places of a feature map and so gets its own feature. Training aligns
 * these features with a simplex equiangular tight frame (neural collapse). Scores are logits.
 *
 * State names: `encoder.…`, `head.…` (see {@link MlcNcHead}), `prototype_sums`, `prototype_counts`, `prototypes`.
 *
 * Source: MLC-NC (AAAI 2025) and its code. Prototypes are means since the start of training, updated at the end of each
 * epoch.
 */
export class MlcNcLearner extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly head: MlcNcHead;
  /** [C, P] sums of the projected features of present classes since the start of training. */
  readonly prototype_sums: ModuleBuffer;
  /** [C] number of features in each sum. */
  readonly prototype_counts: ModuleBuffer;
  /** [C, P] the prototypes of the loss: the means at the end of the last epoch. */
  readonly prototypes: ModuleBuffer;
  readonly stages: readonly Stage[];
  readonly scores = 'sigmoid' as const;
  readonly #config: MlcNcConfig;

  constructor(task: Task, { encoder, features }: MlcNcParts, config: MlcNcConfig, random: RandomStreams) {
    super();
    const { width, projection, heads, dropout, alpha, trainClassifier } = config;
    const classes = task.classes.length;
    this.encoder = encoder;
    this.head = new MlcNcHead({
      ...{ features, classes, width, projection, heads, dropout, alpha, trainClassifier, random },
    });
    this.prototype_sums = new ModuleBuffer(tf.zeros([classes, projection]), 'same');
    this.prototype_counts = new ModuleBuffer(tf.zeros([classes]), 'same');
    this.prototypes = new ModuleBuffer(tf.zeros([classes, projection]), 'same');
    if (encoder) freezeNetwork(encoder, config.freeze);
    this.#config = config;
    this.stages = [this.#stage()];
  }

  /** Logits, class features, projected class features and attention. */
  forward(inputs: tf.Tensor): MlcNcOutput {
    return tf.tidy(() => this.head.forward(this.#places(inputs)));
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }

  /** Where the image shows each class: its attention, averaged over the heads. */
  evidence(inputs: tf.Tensor): tf.Tensor4D {
    return tf.tidy(() => {
      const places = this.#places(inputs);
      const { attention } = this.head.forward(places);
      const [B, , C, L] = attention.shape;
      const side = Math.sqrt(L);
      const [h, w] = places.rank === 4 ? places.shape.slice(1, 3) : Number.isInteger(side) ? [side, side] : [1, L];
      return tf.reshape(tf.mean(attention, 1), [B, C, h, w]);
    });
  }

  #places(inputs: tf.Tensor): tf.Tensor {
    if (!this.encoder) return inputs;
    const { featureMap, patches } = this.encoder.forward(inputs) as Readonly<Record<string, tf.Tensor>>;
    const places = featureMap ?? patches;
    if (places) return places;
    throw new OptionError({
      where: 'mlc-nc',
      argument: 'parts.encoder',
      expected: 'an encoder with a featureMap or patches',
      received: 'one with features of the whole image only',
    });
  }

  #stage(): Stage {
    const { alignmentEpochs } = this.#config;
    return {
      name: 'train',
      ...trainingOf(this.#config),
      shares: true,
      step: (batch: Batch, context) => this.#step(batch, context),
      mode: ({ epoch }) => (epoch < alignmentEpochs ? 'alignment' : 'all'),
      onEpochStart: () => {
        const means = prototypesOf(this.#sums());
        this.prototypes.variable.assign(means);
        means.dispose();
      },
    };
  }

  #step({ inputs, labels, known }: Batch, { epoch, gather }: StepContext): StepResult {
    const { weights, alignmentEpochs } = this.#config;
    const { logits, classFeatures, projected } = this.head.forward(gather(this.#places(inputs)));
    const outputs = {
      ...{ logits, classFeatures, projected },
      classVectors: this.head.class_vectors.variable as tf.Tensor as tf.Tensor2D,
      prototypes: this.prototypes.variable as tf.Tensor as tf.Tensor2D,
    };
    const chosen = epoch < alignmentEpochs ? mlcNcWeights.alignment : weights;
    const { loss, ...terms } = mlcNcLoss(outputs, labels, { known, weights: chosen });
    tf.tidy(() => {
      const { sums, counts } = prototypeMeans(this.#sums(), projected, labels, known);
      this.prototype_sums.variable.assign(sums);
      this.prototype_counts.variable.assign(counts);
    });
    return { loss, terms };
  }

  #sums() {
    return {
      sums: this.prototype_sums.variable as tf.Tensor as tf.Tensor2D,
      counts: this.prototype_counts.variable as tf.Tensor as tf.Tensor1D,
    };
  }
}
