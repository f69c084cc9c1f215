import * as tf from '@tensorflow/tfjs-core';
import { checkNumber, checkOptionNames } from './check-options.ts';
import { OptionError } from './errors.ts';
import { freeBehind } from './free-behind.ts';
import type { Parameter } from './module.ts';

/** Gradients by parameter. A parameter that does not affect the loss has no entry, as in PyTorch. */
export type Gradients = ReadonlyMap<Parameter, tf.Tensor>;

/** The result of a step: the loss to differentiate, and named terms to log. */
export interface StepResult {
  readonly loss: tf.Scalar;
  readonly terms: Readonly<Record<string, tf.Scalar>>;
}

/** The result of {@link differentiate}. */
export interface Differentiated extends StepResult {
  readonly gradients: Gradients;
}

/** Options of {@link differentiate}. */
export interface DifferentiateOptions {
  /** Factor > 0 on the loss while gradients are computed; the gradients are divided by it afterwards. Default 1. */
  readonly lossScale?: number;
}

/**
 * Runs a step and computes the gradients of its loss for the given parameters.
 *
 * The caller owns every tensor of the result. All other tensors that the step makes are disposed.
 *
 * @throws OptionError if there are no parameters, e.g. because all are frozen
 */
export function differentiate(
  step: () => StepResult,
  parameters: Iterable<Parameter>,
  options: DifferentiateOptions = {},
): Differentiated {
  checkOptionNames('differentiate', options, ['lossScale']);
  const { lossScale = 1 } = options;
  checkNumber('differentiate', 'options.lossScale', lossScale, { above: 0 });
  const byVariable = new Map([...parameters].map((parameter) => [parameter.variable.name, parameter]));
  if (byVariable.size === 0) {
    throw new OptionError({
      where: 'differentiate',
      argument: 'parameters',
      expected: 'at least one',
      received: 'none',
      hint: 'Check whether all parameters are frozen',
    });
  }
  let terms: StepResult['terms'] = {};
  const { value, grads } = tf.variableGrads(
    () => {
      const result = step();
      // The terms must survive the tidy around a differentiated function. A term may be the loss itself.
      terms = Object.fromEntries(Object.entries(result.terms).map(([name, term]) => [name, tf.keep(term.clone())]));
      freeBehind();
      return lossScale === 1 ? result.loss : tf.mul<tf.Scalar>(result.loss, lossScale);
    },
    [...byVariable.values()].map((parameter) => parameter.variable),
  );
  const gradients = new Map<Parameter, tf.Tensor>();
  for (const [name, gradient] of Object.entries(grads)) {
    const parameter = byVariable.get(name);
    if (gradient && parameter) gradients.set(parameter, unscaled(gradient, lossScale));
  }
  return { loss: unscaled(value as tf.Scalar, lossScale), terms, gradients };
}

/** Divides a tensor by the scale and disposes the original. */
function unscaled<T extends tf.Tensor>(x: T, scale: number): T {
  if (scale === 1) return x;
  const result = tf.div<T>(x, scale);
  x.dispose();
  return result;
}

/** Disposes of a set of gradients. */
export function disposeGradients(gradients: Gradients): void {
  for (const gradient of gradients.values()) gradient.dispose();
}
