import { freezeNetwork, globalAveragePool, type Linear, Module, normal, type RandomStreams } from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type { Batch, Criterion, Encoder, Learner, MethodParts, ScoreKind, Stage, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ClassifierConfig } from './config.ts';
import { linearFromZero } from './linear-from-zero.ts';
import { PfcNeck } from './pfc-neck.ts';

/** The parts of a {@link Classifier}. Leave `encoder` out if the inputs are already features. */
export type ClassifierParts = Pick<MethodParts, 'features' | 'encoder' | 'lossReduction' | 'scores' | 'softLabels'> & {
  readonly criterion: Criterion;
};

/**
 * The baseline: features → (neck) → linear head, trained with any loss. Its scores are the logits.
 *
 * State names: `encoder.…`, `neck.fc.weight`, `neck.bn.…`, `head.weight`, `head.bias`. The weights of the head start
 * from N(0, 0.01²) and its bias from 0, as in the released code of Wu et al. (ECCV 2020).
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

  /** Every intermediate result: `features` [B, D], `embedding` [B, E] (the input of the head) and `logits` [B, C]. */
  forward(inputs: tf.Tensor): { features: tf.Tensor; embedding: tf.Tensor; logits: tf.Tensor2D } {
    return tf.tidy(() => {
      const { features, embedding, logits } = this.#classify(this.#encode(inputs));
      // Without a neck, both are one tensor. The clones let the caller dispose each on its own.
      return { features: tf.clone(features), embedding: tf.clone(embedding), logits };
    });
  }

  #encode(inputs: tf.Tensor): tf.Tensor {
    const encoded = this.encoder ? this.encoder.forward(inputs).features : inputs;
    // Inputs can be cached feature maps [B, H, W, D].
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
