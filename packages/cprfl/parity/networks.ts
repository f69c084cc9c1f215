import { PiNetwork, VsiLayer, type VsiLayerOptions } from '@ltml/cprfl';
import { gelu, importState, Parameter, RandomStream } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters } from '../../tensor/parity/adapter.ts';
import {
  disposeAll,
  type FileName,
  gradientsOf,
  imagesFirst,
  inPi,
  Layers,
  layerOptions,
  load,
  numbersOf,
} from './stored.ts';

const piNetwork: ParityAdapter = (inputs) => {
  const { m, d, expand, nonlinear } = numbersOf(inputs);
  const linear = !nonlinear;
  const shape = { embeddingWidth: m, width: d, expansion: expand, linear };
  const pi = load(new PiNetwork({ ...shape, random: new RandomStream(0) }), inputs, 'param.', inPi(linear));
  const W = new Parameter(inputs.tensor('in.W'));
  const cotangent = inputs.tensor('in.cotangent');
  const hidden = pi.hidden?.forward(W.variable);
  const outputs = {
    ...(hidden && { 'mid.hidden_pre': hidden, 'mid.hidden_act': gelu(hidden) }),
    'out.P': pi.forward(W.variable),
    ...gradientsOf(() => tf.sum(tf.mul(pi.forward(W.variable), cotangent)), pi, inPi(linear), { W }),
  };
  disposeAll(pi, W);
  return outputs;
};

const vsiBlock: ParityAdapter = (inputs) => {
  const options = layerOptions(inputs);
  const chain = new Layers(Array.from({ length: numbersOf(inputs).depth }, () => new VsiLayer(options)));
  load(chain, inputs, 'param.', (name) => name);
  const x = new Parameter(inputs.tensor('in.x'));
  const cotangent = inputs.tensor('in.cotangent');
  const forward = (): tf.Tensor3D =>
    chain.layers.reduce<tf.Tensor3D>((z, layer) => layer.forward(z).tokens, x.variable as tf.Tensor as tf.Tensor3D);
  const [layer] = chain.layers;
  const { weights, attended } = layer.forward(x.variable as tf.Tensor as tf.Tensor3D);
  const [ln1, ln2] = [layer.ln1?.forward(x.variable), layer.ln2?.forward(attended)] as [tf.Tensor, tf.Tensor];
  const pre = layer.ff1.forward(ln2);
  const outputs = {
    'mid.ln1': ln1,
    'mid.qkv': layer.to_qkv.forward(ln1),
    'mid.attn_prob': imagesFirst(weights),
    'mid.attn_out': attended,
    'mid.ln2': ln2,
    'mid.ff_hidden_pre': pre,
    'mid.ff_hidden_act': gelu(pre),
    'out.y': forward(),
    ...gradientsOf(
      () => tf.sum(tf.mul(forward(), cotangent)),
      chain,
      (name) => name,
      { x },
    ),
  };
  disposeAll(chain, x);
  return outputs;
};

const qkvNames = ['Wq', 'Wk', 'Wv'];
const literalNames: Readonly<Record<string, string>> = {
  'ff1.weight': 'Wr',
  'ff1.bias': 'b3',
  'ff2.weight': 'Wo',
  'ff2.bias': 'b4',
};

/** Compares a form of the layer whose weights of queries, keys and values are stored as three matrices. */
const separateVsi =
  (form: Partial<VsiLayerOptions>, fileName: FileName, output: string): ParityAdapter =>
  (inputs) => {
    const { c, v } = numbersOf(inputs);
    const layer = new VsiLayer({ ...layerOptions(inputs), ...form });
    const { to_qkv } = layer;
    const stored = qkvNames.map((name) => tf.transpose(inputs.tensor(`param.${name}`)));
    const others = [...layer.namedState()].map(([name]) => name).filter((name) => name !== 'to_qkv.weight');
    importState(layer, new Map(others.map((name) => [name, inputs.host(`param.${fileName(name)}`)])), {
      partial: true,
    });
    to_qkv.weight.variable.assign(tf.concat(stored, 1));
    const x = new Parameter(inputs.tensor('in.x'));
    const tokens = x.variable as tf.Tensor as tf.Tensor3D;
    const queries = output === 'out.P_prime' ? c : v + c;
    const cotangent = inputs.tensor('in.cotangent');
    const { 'grad.to_qkv.weight': byWeight, ...gradients } = gradientsOf(
      () => tf.sum(tf.mul(layer.forward(tokens, queries).tokens, cotangent)),
      layer,
      fileName,
      { x },
    );
    const parts = tf.split(byWeight as tf.Tensor, 3);
    const outputs = {
      [output]: layer.forward(tokens, queries).tokens,
      ...gradients,
      ...Object.fromEntries(qkvNames.map((name, i) => [`grad.${name}`, parts[i]])),
    };
    disposeAll(layer, x);
    return outputs;
  };

const literal = { norm: 'none', outputProjection: 'none', scale: 'width' } as const;

/** Comparisons of the parts of CPRFL's head. */
export const cprflAdapters: ParityAdapters = {
  pi_network: piNetwork,
  vsi_block: vsiBlock,
  vsi_block_literal: separateVsi(literal, (name) => literalNames[name] ?? name, 'out.P_prime'),
  vsi_block_residual: separateVsi({ residual: true }, (name) => name, 'out.y'),
};
