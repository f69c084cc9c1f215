import type { Reduction } from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';

/** A loss of logits with a given reduction. For `none`, the stored `loss` is the mean of the entries. */
export type Loss = (logits: tf.Tensor2D, reduction: Reduction) => tf.Tensor;

/** Value, gradient and entries of a loss, under the names that `golden/losses` stores. */
export function outputs(inputs: ParityInputs, loss: Loss, reduction?: Reduction): Record<string, ParityValue> {
  const asked = reduction ?? (inputs.params.reduction as Reduction | undefined) ?? 'mean';
  const scalar = asked === 'none' ? 'mean' : asked;
  const logits = matrix(inputs, 'logits');
  const { value, grad } = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, scalar) as tf.Scalar)(logits);
  return { loss: value, grad_logits: grad, loss_elementwise: loss(logits, 'none') };
}

export function matrix(inputs: ParityInputs, name: string): tf.Tensor2D {
  return inputs.tensor(name) as tf.Tensor2D;
}

export function optional(inputs: ParityInputs, name: string): tf.Tensor2D | undefined {
  return inputs.has(name) ? matrix(inputs, name) : undefined;
}

export function numbers(inputs: ParityInputs, name: string): number[] | undefined {
  return inputs.has(name) ? inputs.numbers(name) : undefined;
}

/** Removes options that are undefined or null. */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

export function mask(condition: tf.Tensor): tf.Tensor2D {
  return tf.cast(condition, 'float32') as tf.Tensor2D;
}

/** Decodes labels −1 (unknown), 0 (absent) and 1 (present). */
export function unknownIsMinusOne(labels: tf.Tensor2D): { present: tf.Tensor2D; known: tf.Tensor2D } {
  return { present: tf.relu(labels), known: mask(tf.greaterEqual(labels, 0)) };
}

/** Decodes labels −1 (absent), 0 (unknown) and 1 (present). */
export function unknownIsZero(labels: tf.Tensor2D): { present: tf.Tensor2D; known: tf.Tensor2D } {
  return { present: tf.relu(labels), known: mask(tf.notEqual(labels, 0)) };
}
