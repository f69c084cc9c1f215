import { differentiate, exportState, type HostTensor, importState, type Module, Parameter } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityInputs, ParityValue } from './adapter.ts';

/** The names that a part uses for the values of a stored network. */
export interface StoredNames {
  /** Prefix of the names of weights. */
  readonly weight: string;
  readonly input: string;
  /** Prefix of the names of outputs. */
  readonly output: string;
  /** Name of the cotangent of an output: its weights in the loss that is differentiated. */
  cotangent(output: string): string;
  readonly inputGradient: string;
  readonly gradient: string;
  readonly buffer: string;
}

/** The names in golden/backbone. */
export const backboneNames: StoredNames = {
  weight: 'w/',
  input: 'in/x',
  output: 'out/',
  cotangent: (output) => `cot/${output}`,
  inputGradient: 'grad_in/x',
  gradient: 'grad_w/',
  buffer: 'buf_after/',
};

/** The names in golden/cprfl. */
export const cprflNames: StoredNames = {
  weight: 'param.',
  input: 'in.x',
  output: 'out.',
  cotangent: () => 'in.cotangent',
  inputGradient: 'grad.x',
  gradient: 'grad.',
  buffer: 'out.buffer.',
};

/** The stored weights under their names in the network. */
export function storedWeights(inputs: ParityInputs, names: StoredNames = backboneNames): Map<string, HostTensor> {
  const stored = inputs.names.filter((name) => name.startsWith(names.weight));
  return new Map(stored.map((name) => [name.slice(names.weight.length), inputs.host(name)]));
}

/** Brings an output to the axis order of the file. */
export type ToStored = (y: tf.Tensor) => tf.Tensor;

export const channelsLast: ToStored = (x) => tf.transpose(x, [0, 2, 3, 1]);
/** Feature maps to channels first. Other tensors do not change. */
export const channelsFirst: ToStored = (y) => (y.rank === 4 ? tf.transpose(y, [0, 3, 1, 2]) : y);

export interface StoredRun {
  readonly names?: StoredNames;
  /** From the stored input to ours. Default: feature maps to channels last. */
  readonly fromStored?: ToStored;
  /** The reverse, for outputs and the gradient of the input. */
  readonly toStored?: ToStored;
  readonly training: boolean;
}

/**
 * Loads the stored weights into a module and runs it on the stored input. Gives its outputs, the gradients of
 * Σ cotangent · output, and the buffers after the run. Disposes the module.
 */
export async function runStored<M extends Module>(
  inputs: ParityInputs,
  module: M,
  forward: (module: M, x: tf.Tensor) => Readonly<Record<string, tf.Tensor>>,
  { names = backboneNames, fromStored = channelsLast, toStored = channelsFirst, training }: StoredRun,
): Promise<Record<string, ParityValue>> {
  importState(module, storedWeights(inputs, names));
  module.train(training);
  // A parameter, so that the input gets a gradient too.
  const x = new Parameter(fromStored(inputs.tensor(names.input)));
  const outputs: Record<string, ParityValue> = {};
  const parameters = new Map(module.trainableParameters());
  const { gradients } = differentiate(() => {
    const results = forward(module, x.variable);
    const products: tf.Tensor[] = [];
    for (const [name, result] of Object.entries(results)) {
      const stored = toStored(result);
      outputs[names.output + name] = tf.keep(stored.clone());
      const cotangent = names.cotangent(name);
      if (inputs.has(cotangent)) products.push(tf.sum(tf.mul(stored, inputs.tensor(cotangent))));
    }
    // Without a cotangent only outputs are compared.
    const loss = products.length > 0 ? tf.addN(products) : tf.sum(tf.mul(Object.values(results)[0], 0));
    return { loss: loss as tf.Scalar, terms: {} };
  }, [x, ...parameters.values()]);
  const inputGradient = gradients.get(x);
  if (inputGradient) outputs[names.inputGradient] = toStored(inputGradient);
  for (const [name, parameter] of parameters) {
    const gradient = gradients.get(parameter);
    if (gradient) outputs[names.gradient + name] = inFileOrder(gradient, parameter);
  }
  const state = await exportState(module);
  for (const [name] of module.namedBuffers()) outputs[names.buffer + name] = state.get(name) as HostTensor;
  module.dispose();
  x.dispose();
  return outputs;
}

/** A tensor with the shape of a parameter, in PyTorch's axis order. */
export function inFileOrder(tensor: tf.Tensor, { layout }: Parameter): tf.Tensor {
  if (layout === 'OIHW') return tf.transpose(tensor, [3, 2, 0, 1]);
  return layout === 'OI' ? tf.transpose(tensor) : tensor;
}
