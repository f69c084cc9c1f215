import { LtmlError } from '@ltml/tensor';
import type { Task } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import { type BoundLoss, losses } from '../parts/losses.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { EntryError } from '../usage-error.ts';

/**
 * Builds the loss that a recipe names. It is computed once on zeros, so that a loss that does not work with these
 * classes is rejected before training.
 *
 * @throws EntryError if the loss does not work with these classes
 */
export function bindLoss(config: NonNullable<Recipe['loss']>, task: Task): BoundLoss {
  const zeros = tf.zeros<tf.Rank.R2>([1, task.classes.length]);
  const ones = tf.onesLike(zeros);
  try {
    const loss = losses.create(config, task.statistics);
    tf.dispose(tf.tidy(() => loss.criterion(zeros, zeros, ones, 0)));
    return loss;
  } catch (error) {
    if (!LtmlError.is(error)) throw error;
    throw new EntryError((error as Error).message, 'loss');
  } finally {
    tf.dispose([zeros, ones]);
  }
}
