import type * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../module.ts';
import type { Stage } from './stage.ts';

/**
 * What the scores of a learner mean:
 * - `sigmoid`: a logit for each class separately. Its σ is the probability, so 0 means 50 %.
 * - `softmax`: logits of one class out of all. Only their differences within an image have a meaning.
 * - `relative`: they only rank the classes of an image, and change with the list of classes.
 *
 * A fixed threshold, as F1 and accuracy by class need, fits only the first.
 */
export type ScoreKind = 'sigmoid' | 'softmax' | 'relative';

/**
 * A model that `fit` can train.
 *
 * Everything that it remembers between steps is in parameters, buffers and the streams of `context.random`. A
 * checkpoint saves these and nothing else.
 */
export interface Learner extends Module {
  readonly stages: readonly Stage[];
  /** The meaning of the scores of {@link predict}. */
  readonly scores: ScoreKind;
  /** Scores [B, C], higher is more likely. It is called in evaluation mode. */
  predict(inputs: tf.Tensor): tf.Tensor2D;
  /** Scores [B, E] for any classes, given by embeddings [E, D]. Left out by a learner that cannot do this. */
  predictClasses?(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D;
  /** Logits and named intermediate tensors, so that other losses can use them. */
  forward(inputs: tf.Tensor): Record<string, tf.Tensor>;
  /**
   * Reads K labels given as text, and returns a scorer of images for them. The texts are encoded once for any number of
   * images. Left out by a learner that cannot read texts.
   */
  labelScorer?(labels: readonly string[]): LabelScorer;
  /**
   * How much each place of the feature map speaks for each class, [B, C, h, w]; higher is more. Left out by a learner
   * that only sees the image as a whole.
   */
  evidence?(inputs: tf.Tensor): tf.Tensor4D;
}

/** Scores images for K labels, with the learner's weights from the moment when it was made. */
export interface LabelScorer {
  /** Scores [B, K], with the meaning of {@link Learner.predict}. */
  predict(inputs: tf.Tensor): tf.Tensor2D;
  /** [B, K, h, w], see {@link Learner.evidence}; present if the learner has it. */
  evidence?(inputs: tf.Tensor): tf.Tensor4D;
  dispose(): void;
}
