import {
  featureLabelAlignment,
  MlcNcHead,
  mlcNcLoss,
  type PrototypeSums,
  prototypeContrast,
  prototypeMeans,
  prototypesOf,
  simplexEtf,
} from '@ltml/mlc-nc';
import { differentiate, type Linear, Parameter, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { matrix, unknownIsMinusOne } from '../../losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';

const frame: ParityAdapter = (inputs) => {
  const etf = simplexEtf(matrix(inputs, 'basis'));
  return { etf, gram: tf.matMul(etf, etf, true, false) };
};

const alignment: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const epsilon = inputs.params.epsilon as number;
  const { value, grads } = tf.valueAndGrads((h, e) =>
    featureLabelAlignment(h as tf.Tensor3D, e as tf.Tensor2D, present, { known, epsilon }),
  )([inputs.tensor('class_features'), inputs.tensor('class_vectors')]);
  return { loss: value, grad_class_features: grads[0], grad_class_vectors: grads[1] };
};

const contrast: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const temperature = inputs.params.temperature as number;
  const { value, grad } = tf.valueAndGrad((z) =>
    prototypeContrast(z as tf.Tensor3D, matrix(inputs, 'prototypes'), present, { known, temperature }),
  )(inputs.tensor('projected'));
  return { loss: value, grad_projected: grad };
};

const means: ParityAdapter = (inputs) => {
  const [, C, P] = inputs.host('projected0').shape;
  let state: PrototypeSums = { sums: tf.zeros([C, P]), counts: tf.zeros([C]) };
  for (const batch of [0, 1, 2]) {
    const { present, known } = unknownIsMinusOne(matrix(inputs, `labels${batch}`));
    state = prototypeMeans(state, inputs.tensor(`projected${batch}`) as tf.Tensor3D, present, known);
  }
  return { prototypes: prototypesOf(state), counts: state.counts };
};

const total: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const { two_way, alignment, prototype } = inputs.params.weights as Record<string, number>;
  const names = ['logits', 'class_features', 'projected'];
  const tensors = names.map((name) => new Parameter(inputs.tensor(name).clone()));
  const [logits, classFeatures, projected] = tensors.map(({ variable }) => variable as tf.Tensor);
  const { gradients, loss } = differentiate(() => {
    const outputs = {
      logits: logits as tf.Tensor2D,
      classFeatures: classFeatures as tf.Tensor3D,
      projected: projected as tf.Tensor3D,
      classVectors: matrix(inputs, 'class_vectors'),
      prototypes: matrix(inputs, 'prototypes'),
    };
    const weights = { twoWay: two_way, alignment, prototype };
    return { loss: mlcNcLoss(outputs, present, { known, weights }).loss, terms: {} };
  }, tensors);
  const found = Object.fromEntries(
    names.map((name, i) => [`grad_${name}`, gradients.get(tensors[i]) ?? tf.zerosLike(inputs.tensor(name))]),
  );
  for (const tensor of tensors) tensor.dispose();
  return { loss, ...found };
};

/** Assigns the weights [O, I] of a file, transposed to our [I, O]. */
function assign(layer: Linear, weight: tf.Tensor, bias: tf.Tensor): void {
  layer.weight.variable.assign(tf.transpose(weight));
  layer.bias?.variable.assign(bias);
}

function storedHead(inputs: ParityInputs): MlcNcHead {
  const [classes, width, projection] = inputs.host('group_weight').shape;
  const [, features] = inputs.host('embed_weight').shape;
  const { heads, alpha } = inputs.params as Record<string, number>;
  const random = new RandomStreams(0);
  const head = new MlcNcHead({ features, classes, width, projection, heads, alpha, random });
  assign(head.embed, inputs.tensor('embed_weight'), inputs.tensor('embed_bias'));
  assign(head.output, inputs.tensor('out_proj_weight'), inputs.tensor('out_proj_bias'));
  const [weights, biases] = ['in_proj_weight', 'in_proj_bias'].map((name) => tf.split(inputs.tensor(name), 3));
  for (const [i, layer] of [head.query, head.key, head.value].entries()) assign(layer, weights[i], biases[i]);
  head.group_weight.variable.assign(inputs.tensor('group_weight'));
  head.group_bias.variable.assign(inputs.tensor('group_bias'));
  head.temperature.variable.assign(inputs.tensor('temperature'));
  head.class_vectors.variable.assign(inputs.tensor('class_vectors'));
  head.classifier_etf.variable.assign(inputs.tensor('classifier_etf'));
  head.eval();
  return head;
}

const head: ParityAdapter = (inputs) => {
  const stored = storedHead(inputs);
  const places = new Parameter(tf.transpose(inputs.tensor('feature_map'), [0, 2, 3, 1]));
  const named = {
    grad_feature_map: places,
    grad_embed_weight: stored.embed.weight,
    grad_out_proj_weight: stored.output.weight,
    grad_group_weight: stored.group_weight,
    grad_group_bias: stored.group_bias,
    grad_temperature: stored.temperature,
  };
  const joined = [stored.query, stored.key, stored.value].map(({ weight }) => weight);
  const probe = inputs.tensor('probe');
  const { gradients } = differentiate(
    () => ({
      loss: tf.sum(tf.mul(stored.forward(places.variable as tf.Tensor).logits, probe)) as tf.Scalar,
      terms: {},
    }),
    [...Object.values(named), ...joined],
  );
  const of = (parameter: Parameter): tf.Tensor => gradients.get(parameter) ?? tf.zeros(parameter.shape);
  const found: Record<string, ParityValue> = Object.fromEntries(
    Object.entries(named).map(([name, parameter]) => [
      name,
      /(embed|out_proj)_weight/.test(name) ? tf.transpose(of(parameter)) : of(parameter),
    ]),
  );
  const { logits, classFeatures, projected } = stored.forward(places.variable as tf.Tensor);
  stored.dispose();
  places.dispose();
  return {
    ...found,
    grad_feature_map: tf.transpose(found.grad_feature_map as tf.Tensor, [0, 3, 1, 2]),
    grad_in_proj_weight: tf.concat(joined.map((weight) => tf.transpose(of(weight)))),
    logits,
    class_features: classFeatures,
    projected,
  };
};

export const mlcNcAdapters: ParityAdapters = {
  simplexEtf: frame,
  featureLabelAlignment: alignment,
  prototypeContrast: contrast,
  prototypeMeans: means,
  mlcNcLoss: total,
  mlcNcHead: head,
};
