import { publishedLoss, type VsiLayer, type VsiLayerOptions } from '@ltml/cprfl';
import { differentiate, importState, Module, type Parameter, RandomStream, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { inFileOrder } from '../../tensor/parity/stored-module.ts';

type Numbers = Readonly<Record<string, number>>;
export type Outputs = Record<string, ParityValue | undefined>;
/** Gives the name of a weight in the file for its state name. */
export type FileName = (name: string) => string;

export const numbersOf = (inputs: ParityInputs): Numbers => inputs.params as Numbers;
export const unweighted = { trainCount: 0, classCounts: [], cooccurrence: [] };
export const asymmetric = publishedLoss('asymmetric', unweighted);

export const inPi =
  (linear: boolean): FileName =>
  (name) => {
    const [layer, kind] = name.split('.');
    return `${kind === 'weight' ? 'W' : 'b'}${layer === 'hidden' || linear ? 1 : 2}`;
  };

export const inHead =
  (linear: boolean): FileName =>
  (name) =>
    name.startsWith('pi.') ? `pi.${inPi(linear)(name.slice(3))}` : name.replace('vsi.layers.0.', 'vsi.');

/** Loads the stored weights into a module. */
export function load<M extends Module>(module: M, inputs: ParityInputs, prefix: string, fileName: FileName): M {
  // The class embeddings are an input of each case, not one of its weights.
  const names = [...module.namedState()].map(([name]) => name).filter((name) => !name.endsWith('class_embeddings'));
  importState(module, new Map(names.map((name) => [name, inputs.host(prefix + fileName(name))])), { partial: true });
  return module;
}

/** Gradients of a scalar with respect to a module's parameters and to `inputs`, under their names in the file. */
export function gradientsOf(
  value: () => tf.Tensor,
  module: Module,
  fileName: FileName,
  inputs: Record<string, Parameter> = {},
) {
  const own = [...module.trainableParameters()].map(([name, parameter]) => [fileName(name), parameter] as const);
  const parameters = new Map([...own, ...Object.entries(inputs)]);
  const { gradients } = differentiate(() => ({ loss: value() as tf.Scalar, terms: {} }), parameters.values());
  const outputs: Outputs = {};
  for (const [name, parameter] of parameters) {
    const gradient = gradients.get(parameter);
    if (gradient) outputs[`grad.${name}`] = inFileOrder(gradient, parameter);
  }
  return outputs;
}

export function disposeAll(...owners: readonly (Module | Parameter)[]): void {
  for (const owner of owners) owner.dispose();
}

/** Random streams whose dropout uses the stored masks, one after the other, and then from the start again. */
class StoredMasks extends RandomStreams {
  readonly #dropout: RandomStream;

  constructor(masks: readonly number[]) {
    super(0);
    let at = 0;
    this.#dropout = Object.assign(new RandomStream(0), { uniform: () => (masks[at++ % masks.length] > 0 ? 1 : 0) });
  }

  override stream(name: string): RandomStream {
    return name === 'dropout' ? this.#dropout : super.stream(name);
  }
}

const maskNames = ['attn_out', 'ff_hidden', 'ff_out'].map((place) => `in.dropout_mask.${place}`);

export function layerOptions(inputs: ParityInputs): VsiLayerOptions {
  const { d, heads, dim_head, mlp_dim, dropout = 0, out2_neck } = numbersOf(inputs);
  const masks = maskNames.filter((name) => inputs.has(name)).flatMap((name) => inputs.numbers(name));
  return {
    width: d,
    heads,
    headWidth: dim_head,
    hiddenWidth: mlp_dim,
    dropout,
    norm: 'pre',
    outputProjection: out2_neck ? 'neck' : 'linear',
    scale: 'head',
    residual: false,
    random: new StoredMasks(masks),
  };
}

/** A sequence of layers with the state names of the file. */
export class Layers extends Module {
  readonly layers: readonly VsiLayer[];

  constructor(layers: readonly VsiLayer[]) {
    super();
    this.layers = layers;
  }
}

export const imagesFirst = (weights: tf.Tensor): tf.Tensor => tf.transpose(weights, [1, 0, 2, 3]);
