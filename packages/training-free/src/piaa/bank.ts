import { checkCount, checkShapes, checkWholeTensor, topK } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { PatchClasses } from './patch-classes.ts';

/**
 * The k patches of each class with the lowest entropy. An empty place has weight 0 and an entropy above that of any
 * patch. (A type, not an interface, because `tf.tidy` does not accept an interface.)
 */
export type Bank = {
  /** [C, k, D] unit vectors. */
  readonly features: tf.Tensor3D;
  /** [C, k] probability of the class. */
  readonly weights: tf.Tensor2D;
  /** [C, k] entropy in nats, ascending. */
  readonly entropies: tf.Tensor2D;
};

/** Entropy of an empty place. */
const noEntropy = 1e30;

/** An empty bank with k places for each of C classes. @throws OptionError */
export function emptyBank(C: number, k: number, D: number): Bank {
  for (const [name, count] of Object.entries({ C, k, D })) checkCount('emptyBank', name, count);
  return {
    features: tf.zeros([C, k, D]),
    weights: tf.zeros([C, k]),
    entropies: tf.fill([C, k], noEntropy),
  };
}

/**
 * Adds patches to a bank. Each patch belongs to its most similar class. The result does not depend on the order of the
 * patches or on how they are split into batches. Only for equal entropies the earlier patch stays.
 *
 * Edge cases: a patch whose entropy is NaN or infinite is ignored.
 *
 * Memory: C · (k + N) numbers in addition to the bank.
 *
 * @param patches the patches with their classes, from {@link patchClasses}
 * @returns a new bank; the caller disposes the old one
 * @throws ShapeError; DataError for a class outside the bank
 *
 * Source: PIAA, arXiv 2605.25821, released code.
 */
export function addToBank(bank: Bank, { unit, classes, probabilities, entropies }: PatchClasses): Bank {
  const { C, k, N, D } = checkShapes('addToBank', {
    'bank.features': [bank.features, 'C k D'],
    'bank.weights': [bank.weights, 'C k'],
    'bank.entropies': [bank.entropies, 'C k'],
    'patches.unit': [unit, 'N D'],
    'patches.classes': [classes, 'N'],
    'patches.probabilities': [probabilities, 'N'],
    'patches.entropies': [entropies, 'N'],
  });
  checkWholeTensor('addToBank', 'patches.classes', classes, 0, C - 1);
  return tf.tidy(() => {
    if (N === 0) {
      const { features, weights, entropies: old } = bank;
      return { features: tf.clone(features), weights: tf.clone(weights), entropies: tf.clone(old) };
    }
    const ofClass = tf.equal(tf.expandDims(classes, 0), tf.expandDims(tf.range(0, C, 1, 'int32'), 1));
    const own = tf.logicalAnd(ofClass, tf.expandDims(tf.isFinite(entropies), 0));
    const offered = tf.where(own, tf.broadcastTo(entropies, [C, N]), tf.fill([C, N], noEntropy)) as tf.Tensor2D;
    const { values, indices } = topK(tf.neg(tf.concat([bank.entropies, offered], 1)), k);
    // One table: first the places of the bank, then the patches of the batch.
    const starts = tf.expandDims(tf.range(0, C * k, k, 'int32'), 1);
    const rows = tf.where(tf.less(indices, k), tf.add(indices, starts), tf.add(indices, tf.scalar(C * k - k, 'int32')));
    const pick = <T extends tf.Tensor>(old: tf.Tensor, added: tf.Tensor, row: number[]): T =>
      tf.gather(tf.concat([tf.reshape(old, [C * k, ...row]), added]), rows) as T;
    const taken = tf.less(tf.neg(values), noEntropy);
    return {
      features: pick<tf.Tensor3D>(bank.features, unit, [D]),
      // A patch of another class does not fill a place.
      weights: tf.where(taken, pick(bank.weights, probabilities, []), tf.zeros([C, k])) as tf.Tensor2D,
      entropies: tf.neg(values) as tf.Tensor2D,
    };
  });
}
