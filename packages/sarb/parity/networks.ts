import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropLabels } from '@ltml/data';
import {
  cooccurrenceAdjacency,
  ElementWiseLinear,
  GatedGraphNetwork,
  GraphClassifier,
  SemanticAttention,
  SemanticDecoupling,
} from '@ltml/sarb';
import {
  differentiate,
  type HostTensor,
  importState,
  type Module,
  Parameter,
  RandomStream,
  readSafetensors,
} from '@ltml/tensor';
import { classStatistics } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { unpackVoc2007 } from '../../tensor/parity/packed-labels.ts';
import { inFileOrder } from '../../tensor/parity/stored-module.ts';
import { numbersOf, storedParameters, toOurs, toTheirs } from './stored.ts';

const random = new RandomStream(1);

/**
 * Runs a module on stored inputs. Also gives the gradients of Σ output · upstream for its parameters and those inputs.
 */
function runModule<M extends Module>(
  inputs: ParityInputs,
  module: M,
  inputTensors: Readonly<Record<string, tf.Tensor>>,
  forward: (
    module: M,
    x: Readonly<Record<string, tf.Tensor>>,
  ) => { output: tf.Tensor; others?: Record<string, tf.Tensor> },
): { outputs: Record<string, ParityValue>; output: tf.Tensor; gradients: Record<string, tf.Tensor> } {
  importState(module, storedParameters(inputs), { partial: true });
  const variables = Object.entries(inputTensors).map(([name, x]) => [name, new Parameter(tf.clone(x))] as const);
  const byName = new Map([...module.trainableParameters(), ...variables]);
  const outputs: Record<string, ParityValue> = {};
  let output: tf.Tensor | undefined;
  const { gradients } = differentiate(() => {
    const result = forward(module, Object.fromEntries(variables.map(([name, { variable }]) => [name, variable])));
    output = tf.keep(tf.clone(result.output));
    for (const [name, other] of Object.entries(result.others ?? {})) outputs[name] = tf.keep(tf.clone(other));
    return { loss: tf.sum(tf.mul(result.output, inputs.tensor('upstream_grad'))) as tf.Scalar, terms: {} };
  }, byName.values());
  const named: Record<string, tf.Tensor> = {};
  for (const [name, parameter] of byName) {
    const gradient = gradients.get(parameter);
    if (gradient) named[`grad.${name}`] = inFileOrder(gradient, parameter);
  }
  module.dispose();
  for (const [, parameter] of variables) parameter.dispose();
  return { outputs: { ...outputs, ...named }, output: output as tf.Tensor, gradients: named };
}

const semanticDecoupling: ParityAdapter = (inputs) => {
  const { batch, size, featureDim, wordDim, intermediateDim } = numbersOf(inputs);
  const options = { features: featureDim, wordFeatures: wordDim, innerFeatures: intermediateDim, random };
  const tensors = { feature_map: toOurs(inputs.tensor('feature_map')), word_features: inputs.tensor('word_features') };
  const { outputs, output, gradients } = runModule(inputs, new SemanticDecoupling(options), tensors, (module, x) => {
    const { features, attention } = module.forward(x.feature_map as tf.Tensor4D, x.word_features as tf.Tensor2D);
    const byPlace = tf.reshape(tf.transpose(attention, [0, 2, 1]), [batch, size, size, -1]);
    return { output: features, others: { attention: byPlace } };
  });
  return { ...outputs, semantic_feature: output, 'grad.feature_map': toTheirs(gradients['grad.feature_map']) };
};

const semanticAttentionModule: ParityAdapter = (inputs) => {
  const { inDim, outDim, classNum } = numbersOf(inputs);
  const module = new SemanticAttention({ channels: inDim, features: outDim, classes: classNum, random });
  const tensors = { feature_map: toOurs(inputs.tensor('feature_map')) };
  const { outputs, output, gradients } = runModule(inputs, module, tensors, (module, x) => ({
    output: module.forward(x.feature_map as tf.Tensor4D).features,
    others: { max_pool_scores: tf.max(module.fc.forward(x.feature_map), [1, 2]) },
  }));
  return { ...outputs, semantic_feature: output, 'grad.feature_map': toTheirs(gradients['grad.feature_map']) };
};

function rows(matrix: HostTensor): number[][] {
  const [R, C] = matrix.shape;
  return Array.from({ length: R }, (_, i) => Array.from({ length: C }, (_, j) => Number(matrix.data[i * C + j])));
}

const gatedGraph: ParityAdapter = (inputs) => {
  const { featureDim, timeStep } = numbersOf(inputs);
  const adjacency = rows(inputs.host('adjacency_in'));
  const runs = Array.from({ length: timeStep }, (_, i) => {
    const module = new GatedGraphNetwork({ features: featureDim, adjacency, steps: i + 1, random });
    const tensors = { nodes: inputs.tensor('nodes') };
    return runModule(inputs, module, tensors, (module, x) => ({ output: module.forward(x.nodes as tf.Tensor3D) }));
  });
  const steps = runs.map(({ output }, i) => [`nodes_step${i + 1}`, output] as const);
  return { ...runs[timeStep - 1].outputs, ...Object.fromEntries(steps) };
};

const elementWise: ParityAdapter = (inputs) => {
  const { classNum, featureDim, bias } = inputs.params as { classNum: number; featureDim: number; bias: boolean };
  const module = new ElementWiseLinear({ classes: classNum, features: featureDim, bias, random });
  const { outputs, output } = runModule(inputs, module, { input: inputs.tensor('input') }, (module, x) => ({
    output: module.forward(x.input as tf.Tensor3D),
  }));
  return { ...outputs, logits: output };
};

const classifierHead: ParityAdapter = (inputs) => {
  const { featureDim, timeStep } = numbersOf(inputs);
  const adjacency = rows(inputs.host('adjacency'));
  const module = new GraphClassifier({ features: featureDim, adjacency, steps: timeStep, random });
  const { outputs, output } = runModule(inputs, module, { features: inputs.tensor('features') }, (module, x) => ({
    output: module.forward(x.features as tf.Tensor3D),
  }));
  return { ...outputs, logits: output };
};

const adjacency: ParityAdapter = (inputs) => {
  if (inputs.has('labels')) {
    const [N, C] = inputs.host('labels').shape;
    const present = Uint8Array.from(inputs.numbers('labels'), (label) => Number(label === 1));
    return { adjacency: cooccurrenceAdjacency(classStatistics({ rows: N, columns: C, present })) };
  }
  const { labels_from, proportion, seed } = inputs.params as { labels_from: string; proportion: number; seed: number };
  const { tensors } = readSafetensors(readFileSync(join(inputs.folder, labels_from)));
  const numbers = (name: string): number[] => Array.from(tensors.get(name)?.data as Uint8Array);
  const labels = dropLabels(unpackVoc2007({ numbers }), proportion, { seed });
  return { adjacency: cooccurrenceAdjacency(classStatistics(labels)) };
};

const vocLabels: ParityAdapter = (inputs) => {
  const { present } = unpackVoc2007(inputs);
  const byte = (i: number): number =>
    Array.from({ length: 8 }, (_, bit) => present[8 * i + bit] ?? 0).reduce((b, x) => 2 * b + x);
  return { packed: Array.from({ length: Math.ceil(present.length / 8) }, (_, i) => byte(i)) };
};

/** Comparisons of each block of SARB's network, and of its label graph. */
export const sarbAdapters: ParityAdapters = {
  semanticDecoupling,
  semanticAttentionModule,
  gatedGNN: gatedGraph,
  elementWiseLayer: elementWise,
  classifierHead,
  cooccurrenceAdjacency: adjacency,
  'sarb/data': vocLabels,
};
