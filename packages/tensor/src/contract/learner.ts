import type * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../module.ts';
import type { Stage } from './stage.ts';

/**
 * What the scores of a learner mean:
 * - `sigmoid`: logits of each class by itself, σ of which is its probability; 0 is as likely as not;
 * - `softmax`: logits of one class out of all, which only differ in meaning from each other within an image;
 * - `relative`: they rank the classes of an image, the more likely first, and depend on which classes are asked for.
 *
 * Only the first can be cut at a fixed score, as F1 and accuracy by class do.
 */
export type ScoreKind = 'sigmoid' | 'softmax' | 'relative';

/**
 * A model that the engine can train.
 *
 * All that it remembers from step to step sits in parameters, buffers and the streams of `context.random`: a checkpoint
 * holds these and nothing else.
 */
export interface Learner extends Module {
  readonly stages: readonly Stage[];
  /** What {@link predict} gives. */
  readonly scores: ScoreKind;
  /** Scores [B, C], higher is more likely; the engine calls it in evaluation mode. */
  predict(inputs: tf.Tensor): tf.Tensor2D;
  /** Scores [B, E] of the classes of embeddings [E, D], which need not be those of the task. */
  predictClasses?(inputs: tf.Tensor, embeddings: tf.Tensor2D): tf.Tensor2D;
  /** Logits and named intermediates, so that other losses can attach. */
  forward(inputs: tf.Tensor): Record<string, tf.Tensor>;
  /**
   * Reads any K labels, as texts, to score images by them. Labels are read once, however many images follow. Left out by a
   * learner that reads none.
   */
  labelScorer?(labels: readonly string[]): LabelScorer;
  /**
   * Where a learner sees each class: [B, C, h, w] by the places of its feature map, more is higher. Left out by a learner
   * that looks at the image as a whole.
   */
  evidence?(inputs: tf.Tensor): tf.Tensor4D;
}

/** Scores images by K labels that a learner has read, with its weights as they were then. */
export interface LabelScorer {
  /** Scores [B, K], as {@link Learner.predict} gives them of the classes. */
  predict(inputs: tf.Tensor): tf.Tensor2D;
  /** [B, K, h, w], as {@link Learner.evidence}, which the same learners have. */
  evidence?(inputs: tf.Tensor): tf.Tensor4D;
  dispose(): void;
}
