import { Classifier, classifierConfigSchema } from '@ltml/classifier';
import { binaryCrossEntropy } from '@ltml/losses';
import { differentiate, exportState, importState, Parameter, RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type {
  ParityAdapter,
  ParityAdapters,
  ParityInputs,
  ParityValue,
} from '../../../packages/tensor/parity/adapter.ts';

/** Our state names for those of the stored case. */
const stateNames: Readonly<Record<string, string>> = {
  'neck.fc.weight': 'neck.fc.weight',
  'neck.fc.bias': 'neck.fc.bias',
  'neck.bn.weight': 'neck.bn.weight',
  'neck.bn.bias': 'neck.bn.bias',
  'neck.fc_hidden_1.weight': 'neck.fc_hidden_1.weight',
  'neck.fc_hidden_1.bias': 'neck.fc_hidden_1.bias',
  'head.fc_cls.weight': 'head.weight',
  'head.fc_cls.bias': 'head.bias',
  bn_running_mean: 'neck.bn.running_mean',
  bn_running_var: 'neck.bn.running_var',
};

function storedClassifier(inputs: ParityInputs): Classifier {
  const params = inputs.params as { layers: 1 | 2; dropout: number; leaky_relu: boolean; training: boolean };
  const [width, features] = inputs.host('neck.fc.weight').shape;
  const [classes] = inputs.host('head.fc_cls.weight').shape;
  const config = classifierConfigSchema.parse({
    neck: { width, layers: params.layers, dropout: params.dropout, leakyRelu: params.leaky_relu },
  });
  const task = {
    classes: Array.from({ length: classes }, (_, i) => `${i}`),
    statistics: { trainCount: 0, classCounts: [], cooccurrence: [] },
  };
  const criterion = (logits: tf.Tensor2D, labels: tf.Tensor2D): tf.Scalar => binaryCrossEntropy(logits, labels);
  const classifier = new Classifier(task, { criterion, features }, config, new RandomStreams(0));
  const own = new Set([...classifier.namedState()].map(([name]) => name));
  // The authors' neck stores its second layer even if it is not used.
  const stored = Object.entries(stateNames).filter(([, name]) => own.has(name));
  importState(classifier, new Map(stored.map(([from, to]) => [to, inputs.host(from)])));
  return classifier.train(params.training);
}

/** Neck and head on a feature map: intermediate results, loss, gradients, and running statistics after the step. */
const neckAndHead: ParityAdapter = async (inputs) => {
  const classifier = storedClassifier(inputs);
  // A parameter, so that the features get a gradient too.
  const features = new Parameter(tf.transpose(inputs.tensor('features'), [0, 2, 3, 1]));
  const labels = inputs.tensor('labels') as tf.Tensor2D;
  const outputs: Record<string, ParityValue | undefined> = {};
  const parameters = new Map(classifier.namedParameters());
  const { loss, gradients } = differentiate(() => {
    const { embedding, logits } = classifier.forward(features.variable);
    outputs.embedding = tf.keep(embedding.clone());
    outputs.logits = tf.keep(logits.clone());
    return { loss: binaryCrossEntropy(logits, labels), terms: {} };
  }, [features, ...parameters.values()]);
  outputs.loss = loss;
  outputs.grad_features = tf.transpose(gradients.get(features) as tf.Tensor, [0, 3, 1, 2]);
  for (const [stored, name] of Object.entries(stateNames)) {
    const parameter = parameters.get(name);
    const gradient = parameter && gradients.get(parameter);
    if (gradient) outputs[`grad_${stored}`] = parameter.layout === 'OI' ? tf.transpose(gradient) : gradient;
  }
  const state = await exportState(classifier);
  for (const statistic of ['running_mean', 'running_var']) {
    outputs[`new_${statistic}`] = state.get(`neck.bn.${statistic}`);
  }
  classifier.dispose();
  features.dispose();
  return outputs;
};

export const modelAdapters: ParityAdapters = { 'PFC+ClsHead': neckAndHead };
