import { withoutGradient } from '@ltml/tensor';
import type { MethodParts } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';

/** Prepares soft labels for a criterion. If it does not accept soft labels, each label above 0 becomes 1. */
export function asTaken(
  labels: tf.Tensor2D,
  { criterion, softLabels = false }: Pick<MethodParts, 'criterion' | 'softLabels'>,
): tf.Tensor2D {
  if (!criterion || softLabels) return labels;
  return withoutGradient(() => tf.cast<tf.Tensor2D>(tf.greater<tf.Tensor2D>(labels, 0), 'float32'));
}
