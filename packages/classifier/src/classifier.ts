import { freezeNetwork, globalAveragePool, type Linear, Module, normal, type RandomStreams } from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type { Batch, Criterion, Encoder, Learner, MethodParts, ScoreKind, Stage, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ClassifierConfig } from './config.ts';
import { linearFromZero } from './linear-from-zero.ts';
import { PfcNeck } from './pfc-neck.ts';

/** What a classifier is put together from. Left out of it: the encoder, where inputs are features already. */
export type ClassifierParts = Pick<MethodParts, 'features' | 'encoder' | 'lossReduction' | 'scores' | 'softLabels'> & {
  readonly criterion: Criterion;
};

/**
 * The baseline: features → (neck) → linear head, trained with any criterion. Scores are the logits.
 *
 * State names: `encoder.…`, `neck.fc.weight`, `neck.bn.…`, `head.weight`, `head.bias`. The head starts from N(0, 0.01²)
 * and no bias, as in the released code of Wu et al. (ECCV 2020).
 */
export class Classifier extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly neck: PfcNeck | undefined;
  readonly head: Linear;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;
  readonly #criterion: Criterion;

  constructor(task: Task, parts: ClassifierParts, config: ClassifierConfig, random: RandomStreams) {
    super();
    const { criterion, scores = 'sigmoid', features, encoder } = parts;
    this.encoder = encoder;
    this.neck = config.neck ? new PfcNeck({ inFeatures: features, ...config.neck, random }) : undefined;
    this.head = linearFromZero({
      inFeatures: config.neck?.width ?? features,
      outFeatures: task.classes.length,
      initializer: normal(0, 0.01),
      random: random.stream('init'),
    });
    this.#criterion = criterion;
    if (encoder) freezeNetwork(encoder, config.freeze);
    this.scores = scores;
    this.stages = [this.#stage(config, parts)];
  }

  /** The steps from inputs to scores: `features` [B, D], `embedding` [B, E] (what the head sees), `logits` [B, C]. */
  forward(inputs: tf.Tensor): { features: tf.Tensor; embedding: tf.Tensor; logits: tf.Tensor2D } {
    return tf.tidy(() => {
      const { features, embedding, logits } = this.#classify(this.#encode(inputs));
      // Tensors of their own, also where nothing lies between them.
      return { features: tf.clone(features), embedding: tf.clone(embedding), logits };
    });
  }

  #encode(inputs: tf.Tensor): tf.Tensor {
    const encoded = this.encoder ? this.encoder.forward(inputs).features : inputs;
    // Cached feature maps [B, H, W, D] are pooled here.
    return encoded.rank === 4 ? globalAveragePool(encoded as tf.Tensor4D) : encoded;
  }

  #classify(features: tf.Tensor): ReturnType<Classifier['forward']> {
    const embedding = this.neck ? this.neck.forward(features) : features;
    return { features, embedding, logits: this.head.forward(embedding) as tf.Tensor2D };
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.#classify(this.#encode(inputs)).logits);
  }

  #stage(config: ClassifierConfig, { lossReduction, softLabels = false }: ClassifierParts): Stage {
    return {
      name: 'train',
      ...trainingOf(config),
      shares: true,
      step: ({ inputs, labels, known }: Batch, { epoch, gather }) => ({
        loss: this.#criterion(this.#classify(gather(this.#encode(inputs))).logits, labels, known, epoch),
        terms: {},
      }),
      mode: ({ epoch }) => this.#criterion.mode?.(epoch) ?? '',
      softLabels,
      ...(lossReduction && { lossReduction }),
    };
  }
}
