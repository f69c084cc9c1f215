import {
  avgPool2d,
  BatchNorm,
  conv2d,
  gelu,
  geluTanh,
  globalAveragePool,
  layerNorm,
  maxPool2d,
  quickGelu,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type {
  ParityAdapter,
  ParityAdapters,
  ParityInputs,
  ParityValue,
} from '../../../packages/tensor/parity/adapter.ts';

type Outputs = Record<string, ParityValue>;

const toChannelsLast = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1]);
const toChannelsFirst = (y: tf.Tensor) => tf.transpose(y, [0, 3, 1, 2]);

/** Runs all cases of a file. They are listed in its parameters; names start with that of the case. */
function eachCase<Case extends { readonly case: string }>(
  run: (inputs: ParityInputs, parameters: Case, prefix: string) => Outputs,
): ParityAdapter {
  return (inputs) => {
    const cases = inputs.params.cases as readonly Case[];
    return Object.assign({}, ...cases.map((parameters) => run(inputs, parameters, `${parameters.case}/`)));
  };
}

/** The value y, and the gradients of Σ cotangent · y under the names of the inputs. */
function valueAndGradients(
  op: (...tensors: tf.Tensor[]) => tf.Tensor,
  named: Readonly<Record<string, tf.Tensor>>,
  cotangent: tf.Tensor,
  prefix: string,
): Outputs {
  const { value, grads } = tf.valueAndGrads(op)(Object.values(named), cotangent);
  const gradients = Object.keys(named).map((name, i) => [`${prefix}grad_${name}`, grads[i]]);
  return { [`${prefix}out/y`]: value, ...Object.fromEntries(gradients) };
}

interface ConvolutionParameters {
  readonly case: string;
  readonly stride: number;
  readonly padding: number;
  readonly groups: number;
  readonly dilation?: number;
}

const convolution = eachCase<ConvolutionParameters>((inputs, parameters, prefix) => {
  const { stride, padding, groups, dilation = 1 } = parameters;
  const names = ['in/x', 'w/conv.weight', 'w/conv.bias'].filter((name) => inputs.has(prefix + name));
  return valueAndGradients(
    (x, weight, bias) => {
      const filter = tf.transpose(weight, [2, 3, 1, 0]);
      const y = conv2d(toChannelsLast(x), filter, { stride, padding, dilation, groups });
      return toChannelsFirst(bias ? tf.add(y, bias) : y);
    },
    Object.fromEntries(names.map((name) => [name, inputs.tensor(prefix + name)])),
    inputs.tensor(`${prefix}cot/y`),
    prefix,
  );
});

interface PoolParameters {
  readonly case: string;
  readonly kind: 'max' | 'avg' | 'gap';
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

const pooling = eachCase<PoolParameters>((inputs, { kind, kernel, stride, padding }, prefix) => {
  const pool = {
    max: (x: tf.Tensor) => maxPool2d(x, { kernel, stride, padding }),
    avg: (x: tf.Tensor) => avgPool2d(x, { kernel, stride, padding }),
    gap: (x: tf.Tensor) => tf.reshape<tf.Rank.R4>(globalAveragePool(x), [x.shape[0], 1, 1, -1]),
  }[kind];
  return valueAndGradients(
    (x) => toChannelsFirst(pool(toChannelsLast(x))),
    { 'in/x': inputs.tensor(`${prefix}in/x`) },
    inputs.tensor(`${prefix}cot/y`),
    prefix,
  );
});

interface BatchNormParameters {
  readonly case: string;
  readonly mode: 'train' | 'eval';
  readonly shape: readonly number[];
}

const batchNorm = eachCase<BatchNormParameters>((inputs, { mode, shape }, prefix) => {
  const { eps, momentum } = inputs.params as { eps: number; momentum: number };
  const layer = new BatchNorm({ channels: shape[1], epsilon: eps, momentum }).train(mode === 'train');
  for (const [name, { variable }] of layer.namedState()) variable.assign(inputs.tensor(`${prefix}w/${name}`));
  const outputs = valueAndGradients(
    (x) => toChannelsFirst(layer.forward(toChannelsLast(x))),
    {
      'in/x': inputs.tensor(`${prefix}in/x`),
      'w/weight': layer.weight.variable,
      'w/bias': layer.bias.variable,
    },
    inputs.tensor(`${prefix}cot/y`),
    prefix,
  );
  for (const [name, { variable }] of layer.namedBuffers()) {
    if (mode === 'train') outputs[`${prefix}buf_after/${name}`] = tf.clone(variable);
  }
  layer.dispose();
  return outputs;
});

const normalisation = eachCase<{ readonly case: string; readonly eps: number }>((inputs, { eps }, prefix) =>
  valueAndGradients(
    (x, gamma, beta) => layerNorm(x, gamma, beta, { epsilon: eps }),
    Object.fromEntries(['in/x', 'w/weight', 'w/bias'].map((name) => [name, inputs.tensor(prefix + name)])),
    inputs.tensor(`${prefix}cot/y`),
    prefix,
  ),
);

const activations = { gelu_erf: gelu, gelu_tanh: geluTanh, quick_gelu: quickGelu, relu: tf.relu, tanh: tf.tanh };

const activation: ParityAdapter = (inputs) => {
  const op = activations[inputs.params.name as keyof typeof activations];
  const x = inputs.tensor('in/x');
  return valueAndGradients((x) => op(x), { 'in/x': x }, tf.onesLike(x), '');
};

/** Comparisons of primitive operations. They are stored in PyTorch's layout: channels first, weights [O, I, kH, kW]. */
export const opsAdapters: ParityAdapters = {
  conv2d: convolution,
  pool2d: pooling,
  batch_norm2d: batchNorm,
  layer_norm: normalisation,
  activation,
};
