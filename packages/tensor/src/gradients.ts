import * as tf from '@tensorflow/tfjs-core';
import { OptionError } from './errors.ts';
import { freeBehind } from './free-behind.ts';
import type { Parameter } from './module.ts';

/** Gradients by parameter. A parameter that the loss does not reach has no entry, as in PyTorch. */
export type Gradients = ReadonlyMap<Parameter, tf.Tensor>;

/** What a step computes: the loss to differentiate and its named terms, to be logged. */
export interface StepResult {
  readonly loss: tf.Scalar;
  readonly terms: Readonly<Record<string, tf.Scalar>>;
}

export interface Differentiated extends StepResult {
  readonly gradients: Gradients;
}

/**
 * Runs a step and differentiates its loss with respect to the given parameters.
 *
 * The caller owns every tensor of the result. What the step makes besides is disposed of.
 *
 * @throws OptionError if there are no parameters, e.g. because all are frozen
 */
export function differentiate(step: () => StepResult, parameters: Iterable<Parameter>): Differentiated {
  const byVariable = new Map([...parameters].map((parameter) => [parameter.variable.name, parameter]));
  if (byVariable.size === 0) {
    throw new OptionError({
      where: 'differentiate',
      argument: 'parameters',
      expected: 'at least one',
      received: 'none',
      hint: 'Are all of them frozen?',
    });
  }
  let terms: StepResult['terms'] = {};
  const { value, grads } = tf.variableGrads(
    () => {
      const result = step();
      // The terms must outlive the tidy around a differentiated function; a term may be the loss itself.
      terms = Object.fromEntries(Object.entries(result.terms).map(([name, term]) => [name, tf.keep(term.clone())]));
      freeBehind();
      return result.loss;
    },
    [...byVariable.values()].map((parameter) => parameter.variable),
  );
  const gradients = new Map<Parameter, tf.Tensor>();
  for (const [name, gradient] of Object.entries(grads)) {
    const parameter = byVariable.get(name);
    if (gradient && parameter) gradients.set(parameter, gradient);
  }
  return { loss: value as tf.Scalar, terms, gradients };
}

/** Disposes of a set of gradients. */
export function disposeGradients(gradients: Gradients): void {
  for (const gradient of gradients.values()) gradient.dispose();
}
