import type * as tf from '@tensorflow/tfjs-core';
import type { Kernel } from '../kernel.ts';
import { runRawOp } from './raw-op.ts';

/**
 * Whole losses over [B, C], value and gradient together, by the ops of `native/`. Each takes matrices that broadcast to
 * [B, C], the logits and labels without, and a scalar `scale`; it gives [value [], gradient by the logits [B, C]], both
 * times the scale. The ops are on the CPU alone.
 */
export const lossKernels: readonly Kernel[] = [
  /**
   * With s = s₊ where y > 0, else s₋, u = s·(x − ν), b = softplus(u) − y·u and r = σ(u) − y: Σ w·|r|^γ·b. Inputs shift ν
   * and weights w; attributes positiveSlope s₊, negativeSlope s₋, gamma γ ≥ 0. For γ > 0 the labels are 0 or 1.
   */
  lossKernel('Logistic', ['shift', 'weights'], {
    positiveSlope: 'positive_slope',
    negativeSlope: 'negative_slope',
    gamma: 'gamma',
  }),
  /** Softmax cross-entropy against the labels, divided by their sum in each row. */
  lossKernel('KPositive', [], {}),
  /** Pairwise hinges; input known [B, C] or one 1; attributes margin, and averaged: 1 to divide by the violations, 0 not. */
  lossKernel('Ranking', ['known'], { margin: 'margin', averaged: 'averaged' }),
];

/** @param attributes the op's names by the kernel's; all are numbers */
function lossKernel(name: string, matrices: readonly string[], attributes: Readonly<Record<string, string>>): Kernel {
  const order = ['logits', 'labels', ...matrices, 'scale'];
  return {
    name: `ltml/${name}Loss`,
    create:
      () =>
      ({ inputs, attrs, backend }) => {
        const given = inputs as Record<string, tf.TensorInfo>;
        const floats = Object.fromEntries(
          Object.entries(attributes).map(([key, own]) => [own, (attrs as Record<string, number>)[key]]),
        );
        return runRawOp(
          backend,
          `Ltml${name}Loss`,
          { floatTypes: [], floats },
          order.map((key) => given[key]),
          2,
        );
      },
  };
}
