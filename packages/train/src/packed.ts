import type { Gradients, Parameter } from '@ltml/tensor';
import type * as tf from '@tensorflow/tfjs-core';
import type { StepScalars } from './scalars.ts';

/** Outputs of a compiled step: tensors by name. */
export type NamedTensors = Record<string, tf.Tensor>;

/** Outputs of a step, or of a part of one. */
export interface StepTensors extends StepScalars {
  readonly gradients?: Gradients;
}

/** Names the tensors of a step. Gradients are named by the index of their parameter. */
export function pack(tensors: StepTensors, parameters: readonly Parameter[]): NamedTensors {
  const { loss, terms, gradientNorm, gradients } = tensors;
  const packed: NamedTensors = { loss };
  if (gradientNorm) packed.gradientNorm = gradientNorm;
  for (const [name, term] of Object.entries(terms)) packed[`term/${name}`] = term;
  for (const [i, parameter] of parameters.entries()) {
    const gradient = gradients?.get(parameter);
    if (gradient) packed[`gradient/${i}`] = gradient;
  }
  return packed;
}

/** The inverse of {@link pack}. */
export function unpack(packed: NamedTensors, parameters: readonly Parameter[]): Required<StepTensors> {
  const terms: Record<string, tf.Scalar> = {};
  const gradients = new Map<Parameter, tf.Tensor>();
  for (const [name, tensor] of Object.entries(packed)) {
    const [kind, rest] = name.split(/\/(.*)/s);
    if (kind === 'term') terms[rest] = tensor as tf.Scalar;
    else if (kind === 'gradient') gradients.set(parameters[Number(rest)], tensor);
  }
  const { loss, gradientNorm } = packed as { loss: tf.Scalar; gradientNorm: tf.Scalar };
  return { loss, terms, gradientNorm, gradients };
}
