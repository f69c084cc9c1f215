import { Dscl, type DsclConfig, dsclConfigSchema } from '@ltml/dscl';
import {
  BatchNorm,
  Conv2d,
  differentiate,
  exportState,
  globalAveragePool,
  type HostTensor,
  importState,
  Module,
  type Parameter,
  RandomStream,
  RandomStreams,
} from '@ltml/tensor';
import type { Batch, BatchInputs, EncoderOutput, MapEncoder, Optimizer, Stage, Views } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { channelsLast, inFileOrder } from '../../tensor/parity/stored-module.ts';

/** The network of the stored runs: two convolutions with ReLU and optional batch norm, then a global average pool. */
class StoredEncoder extends Module implements MapEncoder {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm | undefined;
  readonly layer4: readonly (Conv2d | BatchNorm)[];

  constructor(first: readonly number[], last: readonly number[], batchNorm: boolean) {
    super();
    const random = new RandomStream(0);
    const convolution = ([outChannels, inChannels]: readonly number[]): Conv2d =>
      new Conv2d({ inChannels, outChannels, kernel: 3, padding: 1, bias: !batchNorm, random });
    this.conv1 = convolution(first);
    this.bn1 = batchNorm ? new BatchNorm({ channels: first[0] }) : undefined;
    this.layer4 = [convolution(last), ...(batchNorm ? [new BatchNorm({ channels: last[0] })] : [])];
  }

  forward(images: tf.Tensor): EncoderOutput & { featureMap: tf.Tensor4D } {
    const [conv, norm] = this.layer4 as [Conv2d, BatchNorm | undefined];
    const block = (x: tf.Tensor, conv: Conv2d, norm: BatchNorm | undefined): tf.Tensor4D => {
      const y = conv.forward(x);
      return tf.relu(norm ? norm.forward(y) : y);
    };
    const featureMap = block(block(images, this.conv1, this.bn1), conv, norm);
    return { featureMap, features: globalAveragePool(featureMap) };
  }
}

/** A learner whose encoders have the stored shapes. */
function storedLearner(inputs: ParityInputs, prefix: string, classes: number, config: DsclConfig): Dscl {
  const shape = (name: string): readonly number[] => inputs.host(`${prefix}${name}`).shape;
  const encoder = (): StoredEncoder =>
    new StoredEncoder(shape('conv1.weight'), shape('layer4.0.weight'), inputs.has(`${prefix}bn1.weight`));
  const task = {
    classes: Array.from({ length: classes }, (_, i) => `${i}`),
    statistics: { trainCount: 0, classCounts: [], cooccurrence: [] },
  };
  const parts = { encoder: encoder(), keyEncoder: encoder(), features: shape('layer4.0.weight')[0] };
  return new Dscl(task, parts, config, new RandomStreams(0));
}

/** The authors' name of an encoder's state entry. They call the projection head `fc`. */
function theirName(name: string): string {
  return name
    .replace(/^encoder\./, '')
    .replace(/^head\.hidden\./, 'fc.0.')
    .replace(/^head\.output\./, 'fc.2.');
}

/** One update with the stage's own optimiser and schedule. */
function update(
  learner: Dscl,
  stage: Stage,
  optimizer: Optimizer,
  batch: Batch<BatchInputs>,
  at: { readonly step: number; readonly totalSteps: number },
): { values: Record<string, tf.Tensor>; gradients: Map<Parameter, tf.Tensor> } {
  const context = { ...onlyStep(), ...at };
  const parameters = trained(learner, stage).map(([, parameter]) => parameter);
  const { loss, terms, gradients } = differentiate(() => stage.step(batch, context), parameters);
  optimizer.step(gradients, stage.schedule(at.totalSteps)(at.step));
  return { values: { loss, ...terms }, gradients: new Map(gradients) };
}

function trained(learner: Dscl, { trains }: Stage): (readonly [string, Parameter])[] {
  return [...learner.trainableParameters()].filter(([name]) => name.search(trains as RegExp) >= 0);
}

/** A batch with one class per image. */
function labelled<Inputs extends BatchInputs>(inputs: Inputs, labels: tf.Tensor, classes: number): Batch<Inputs> {
  const oneHot = tf.oneHot(labels as tf.Tensor1D, classes).toFloat() as tf.Tensor2D;
  return { inputs, labels: oneHot, known: tf.onesLike(oneHot) };
}

/** The views of a stored step. Boxes are stored in pixels of a view of 224 × 224. */
function storedViews(inputs: ParityInputs, step: string, viewSize: number): Views {
  const stored = (name: string): tf.Tensor => inputs.tensor(step + name);
  return {
    query: channelsLast(stored('im_q')),
    key: channelsLast(stored('im_k')),
    patches: tf.transpose(stored('patches'), [1, 0, 3, 4, 2]),
    boxes: tf.mul(tf.transpose(stored('boxes'), [1, 0, 2]), viewSize / 224),
  };
}

interface StoredPretraining {
  readonly num_classes: number;
  readonly num_patches: number;
  readonly K: number;
  readonly dim: number;
  readonly tau: number;
  readonly m: number;
  readonly alpha: number;
  readonly lambda: number;
  readonly weight_decay: number;
  readonly base_lr: number;
  readonly warmup_epochs: number;
  readonly epochs: number;
  readonly epoch_index: number;
  readonly iters_per_epoch: number;
  readonly epsilon: number;
  readonly sgd_momentum: number;
}

/** Three iterations of the first stage. */
export const pretraining: ParityAdapter = async (inputs) => {
  const params = inputs.params as unknown as StoredPretraining;
  const viewSize = inputs.host('step0.im_q').shape[2];
  const config = dsclConfigSchema.parse({
    candidates: 'inbatch',
    epsilon: params.epsilon,
    alpha: params.alpha,
    temperature: params.tau,
    dimension: params.dim,
    queue: { size: params.K },
    encoderMomentum: params.m,
    viewSize,
    patches: { count: params.num_patches, size: inputs.host('step0.patches').shape[3], weight: params.lambda },
    pretrain: {
      epochs: params.epochs,
      optimizer: { learningRate: params.base_lr, momentum: params.sgd_momentum, weightDecay: params.weight_decay },
      schedule: { warmup: { epochs: params.warmup_epochs } },
    },
  });
  const learner = storedLearner(inputs, 'init.q.', params.num_classes, config);
  for (const [side, prefixes] of [
    ['query', ['init.q.']],
    ['key', ['init.k.', 'init.q.']],
  ] as const) {
    const names = [...learner[side].namedState()].map(([name]) => name);
    const stored = names.map((name) => {
      const prefix = prefixes.find((prefix) => inputs.has(prefix + theirName(name))) as string;
      return [name, inputs.host(prefix + theirName(name))] as const;
    });
    importState(learner[side], new Map(stored));
  }
  learner.queue.keys.variable.assign(tf.transpose(inputs.tensor('init.queue')));
  learner.queue.labels.variable.assign(inputs.tensor('init.label_queue'));

  const [stage] = learner.stages;
  const optimizer = stage.optimizer(trained(learner, stage));
  const outputs: Record<string, ParityValue | undefined> = {};
  const losses: Record<string, tf.Tensor>[] = [];
  const totalSteps = params.epochs * params.iters_per_epoch;
  const first = params.epoch_index * params.iters_per_epoch;
  for (const step of [0, 1, 2]) {
    const views = storedViews(inputs, `step${step}.`, viewSize);
    const batch = labelled(views, inputs.tensor(`step${step}.labels`), params.num_classes);
    const { values, gradients } = update(learner, stage, optimizer, batch, { step: first + step, totalSteps });
    losses.push(values);
    if (step > 0) continue;
    for (const [name, parameter] of learner.query.namedParameters()) {
      const gradient = gradients.get(parameter);
      if (gradient) outputs[`step0.grad.${theirName(name)}`] = inFileOrder(gradient, parameter);
    }
  }
  const column = (name: string): tf.Tensor => tf.stack(losses.map((values) => values[name]));
  Object.assign(outputs, {
    loss_dscl: column('contrast'),
    loss_pbsd: column('distillation'),
    loss_total: column('loss'),
  });
  const rates = [0, 1, 2].map((step) => stage.schedule(totalSteps)(first + step).learningRateFactor);
  outputs.lr = rates.map((factor) => params.base_lr * factor);
  for (const [side, prefix] of [
    ['query', 'final.q.'],
    ['key', 'final.k.'],
  ] as const) {
    const state = await exportState(learner[side]);
    for (const [name, value] of state) outputs[prefix + theirName(name)] = value;
  }
  outputs['final.queue'] = tf.transpose(learner.queue.keys.variable);
  outputs['final.label_queue'] = learner.queue.labels.variable.clone();
  outputs['final.ptr'] = (await exportState(learner.queue)).get('pointer') as HostTensor;
  optimizer.dispose();
  learner.dispose();
  return outputs;
};

/** Three iterations of the second stage, and the logits of other images afterwards. */
export const linearClassifier: ParityAdapter = async (inputs) => {
  const { lr, momentum, weight_decay: weightDecay } = inputs.params as Record<string, number>;
  const [classes] = inputs.host('init.fc.weight').shape;
  const config = dsclConfigSchema.parse({
    viewSize: 8,
    queue: { size: 4 },
    classify: { optimizer: { learningRate: lr, momentum, weightDecay }, schedule: { name: 'constant' } },
  });
  const learner = storedLearner(inputs, 'init.', classes, config);
  const theirs = (name: string): string => name.replace(/^query\.encoder\./, '').replace(/^classifier\./, 'fc.');
  const names = [...learner.namedState()]
    .map(([name]) => name)
    .filter((name) => /^(query\.encoder|classifier)\./.test(name));
  importState(learner, new Map(names.map((name) => [name, inputs.host(`init.${theirs(name)}`)])), { partial: true });
  learner.train();
  const [, stage] = learner.stages;
  const optimizer = stage.optimizer(trained(learner, stage));
  const losses = [0, 1, 2].map((step) => {
    const images = channelsLast(inputs.tensor(`step${step}.image`));
    const batch = labelled(images, inputs.tensor(`step${step}.label`), classes);
    return update(learner, stage, optimizer, batch, { step, totalSteps: 3 }).values.loss;
  });
  learner.eval();
  const logits = learner.predict(channelsLast(inputs.tensor('eval.image')));
  const state = await exportState(learner);
  const final = names.map((name) => [`final.${theirs(name)}`, state.get(name)] as const);
  optimizer.dispose();
  learner.dispose();
  return { loss: tf.stack(losses), 'eval.logits': logits, ...Object.fromEntries(final) };
};
