import { freezeNetwork, Module, type RandomStreams } from '@ltml/tensor';
import { trainingOf } from '@ltml/tensor/config';
import type { Batch, Encoder, Learner, MethodParts, ScoreKind, Stage, Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { placesOf } from '../places.ts';
import type { TwoLogits } from '../pool-places.ts';
import { presenceLogits, presenceLoss } from '../presence-loss.ts';
import type { VisionOnlyConfig } from './config.ts';
import { VisionOnlyHead } from './head.ts';

/** The parts of {@link VisionOnly}. Leave `encoder` out if the inputs are tokens, patches or feature maps already. */
export type VisionOnlyParts = Pick<
  MethodParts,
  'features' | 'encoder' | 'criterion' | 'lossReduction' | 'scores' | 'softLabels'
>;

/**
 * The vision-only baseline of the methods with prompts: a linear layer on the places of a frozen encoder, without text.
 *
 * State names: `encoder.…`, `head.…` (see {@link VisionOnlyHead}).
 *
 * Source: Rawlekar et al. (PositiveCoOp), WACV 2025, and their code.
 */
export class VisionOnly extends Module implements Learner {
  readonly encoder: Encoder | undefined;
  readonly head: VisionOnlyHead;
  readonly stages: readonly Stage[];
  readonly scores: ScoreKind;

  constructor({ classes }: Task, parts: VisionOnlyParts, config: VisionOnlyConfig, random: RandomStreams) {
    super();
    const { encoder, features, criterion, lossReduction, softLabels = false } = parts;
    this.encoder = encoder;
    if (encoder) freezeNetwork(encoder, { parameters: '', statistics: '' });
    const { outputScale, loss } = config;
    this.head = new VisionOnlyHead({ features, classes: classes.length, outputScale, random: random.stream('init') });
    this.scores = (criterion && parts.scores) ?? 'sigmoid';
    const reduction = criterion ? lossReduction : 'sum';
    this.stages = [
      {
        name: 'train',
        ...trainingOf(config),
        step: (batch, { epoch }) => {
          const { inputs, labels, known } = batch as Batch;
          const { logits } = this.forward(inputs);
          const value = criterion?.(logits, labels, known, epoch) ?? presenceLoss(logits, labels, { ...loss, known });
          return { loss: value, terms: {} };
        },
        mode: ({ epoch }) => criterion?.mode?.(epoch) ?? '',
        softLabels: criterion !== undefined && softLabels,
        ...(reduction && { lossReduction: reduction }),
      },
    ];
  }

  forward(inputs: tf.Tensor): TwoLogits & { readonly logits: tf.Tensor2D } {
    return tf.tidy(() => {
      const two = this.head.forward(placesOf('VisionOnly', this.encoder, inputs));
      return { ...two, logits: presenceLogits(two) };
    });
  }

  predict(inputs: tf.Tensor): tf.Tensor2D {
    return tf.tidy(() => this.forward(inputs).logits);
  }
}
