import { ClipVisionTransformer, VisionTransformer } from '@ltml/backbone';
import { cropsOf, resolvePipeline } from '@ltml/images';
import {
  AdaptFormer,
  adapterWidth,
  CosineHead,
  classMeanWeights,
  Lift,
  liftConfigSchema,
  liftHeadConfigSchema,
  textWeights,
} from '@ltml/lift';
import { balancedSoftmax } from '@ltml/losses';
import { classAccuracyReport } from '@ltml/metrics';
import {
  differentiate,
  disposeGradients,
  importState,
  type Module,
  Parameter,
  RandomStream,
  RandomStreams,
} from '@ltml/tensor';
import type { Encoder, StepContext } from '@ltml/tensor/contract';
import { onlyStep } from '@ltml/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { matrix } from '../../losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { channelsLast, inFileOrder, storedWeights } from '../../tensor/parity/stored-module.ts';

const cosineHead: ParityAdapter = (inputs) => {
  const [classes, features] = inputs.host('weight').shape;
  const head = new CosineHead({ features, classes, scale: inputs.params.scale as number, random: new RandomStream(0) });
  head.weight.variable.assign(inputs.tensor('weight'));
  const x = new Parameter(inputs.tensor('x').clone());
  const logits = (): tf.Tensor2D => head.forward(x.variable as tf.Tensor2D);
  const { loss, gradients } = differentiate(
    () => ({ loss: tf.sum(tf.mul(logits(), inputs.tensor('upstream'))) as tf.Scalar, terms: {} }),
    [x, head.weight],
  );
  const found = {
    ...{ logits: logits(), loss, grad_x: gradients.get(x), grad_weight: gradients.get(head.weight) },
  };
  head.dispose();
  x.dispose();
  return found;
};

/** One-hot labels [B, C] of classes [B]. */
function oneHot(labels: tf.Tensor, classes: number): tf.Tensor2D {
  return tf.cast(tf.equal(tf.expandDims(labels, 1), tf.range(0, classes, 1, 'int32')), 'float32') as tf.Tensor2D;
}

function statisticsOf(inputs: ParityInputs) {
  const classCounts = inputs.numbers('counts');
  return { trainCount: classCounts.reduce((sum, n) => sum + n, 0), classCounts, cooccurrence: [] };
}

const logitAdjusted: ParityAdapter = (inputs) => {
  const logits = matrix(inputs, 'logits');
  const labels = oneHot(inputs.tensor('labels'), logits.shape[1]);
  const tau = (inputs.params.tau as number | undefined) ?? 1;
  const { value, grad } = tf.valueAndGrad((x) =>
    balancedSoftmax(x as tf.Tensor2D, labels, statisticsOf(inputs), { tau }),
  )(logits);
  return { loss: value, grad_logits: grad };
};

const headStart: ParityAdapter = (inputs) => {
  if (inputs.params.init === 'text') return { weight: textWeights(inputs.tensor('text'), matrix(inputs, 'proj')) };
  const labels = inputs.tensor('labels');
  const classes = Math.max(...inputs.numbers('labels')) + 1;
  const byClass = oneHot(labels, classes);
  const sums = tf.matMul(byClass, matrix(inputs, 'features'), true, false);
  return { weight: classMeanWeights(sums as tf.Tensor2D, tf.sum(byClass, 0)) };
};

const adapterSizes: ParityAdapter = (inputs) => {
  const [classes, layers] = ['classes', 'layers'].map((name) => inputs.numbers(name));
  return { dim: classes.map((C, i) => adapterWidth(C, layers[i])) };
};

const adapter: ParityAdapter = (inputs) => {
  const weights = storedWeights(inputs);
  const [bottleneck, width] = inputs.host('w/down_proj.weight').shape;
  const branch = new AdaptFormer({ width, bottleneck, random: new RandomStream(0) });
  importState(branch, weights);
  const x = new Parameter(inputs.tensor('x').clone());
  const named = [...branch.namedParameters()];
  const y = (): tf.Tensor3D => branch.forward(x.variable as tf.Tensor as tf.Tensor3D);
  const { loss, gradients } = differentiate(
    () => ({ loss: tf.sum(tf.mul(y(), inputs.tensor('upstream'))) as tf.Scalar, terms: {} }),
    [x, ...named.map(([, parameter]) => parameter)],
  );
  const found: Record<string, ParityValue> = { y: y(), loss, grad_x: gradients.get(x) as tf.Tensor };
  for (const [name, parameter] of named) {
    found[`grad_w/${name}`] = inFileOrder(gradients.get(parameter) as tf.Tensor, parameter);
  }
  branch.dispose();
  x.dispose();
  return found;
};

interface Sizes {
  readonly kind: 'clip' | 'timm' | 'head';
  readonly resolution: number;
  readonly patch: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly out: number;
  readonly classes: number;
  readonly adapter_dim: number;
  readonly partial?: number | null;
  readonly scale: number;
}

function storedTower(inputs: ParityInputs): Encoder & Module {
  const { kind, resolution, patch, width, layers, heads, out } = inputs.params as unknown as Sizes;
  const size = { imageSize: resolution, patchSize: patch, width, heads };
  const tower =
    kind === 'clip'
      ? new ClipVisionTransformer({ ...size, layers, embedding: out })
      : new VisionTransformer({ ...size, depth: layers });
  importState(tower, storedWeights(inputs));
  return tower;
}

/** LIFT with the stored weights, and its trained parameters under the names of the file. */
function storedLift(inputs: ParityInputs, options: object = {}) {
  const { kind, classes, adapter_dim, partial = null, scale, width } = inputs.params as unknown as Sizes;
  const [C, W] = inputs.host('head/weight').shape;
  const embeddings = tf.ones<tf.Rank.R2>([C, kind === 'clip' ? (inputs.params as unknown as Sizes).out : W]);
  const encoder = kind === 'head' ? undefined : storedTower(inputs);
  const config = { scale, ...options };
  const statistics = inputs.has('counts') ? statisticsOf(inputs) : { trainCount: 0, classCounts: [], cooccurrence: [] };
  const task = { classes: Array.from({ length: classes }, (_, i) => `${i}`), statistics };
  const parts = { features: kind === 'head' ? W : width, classEmbeddings: embeddings, ...(encoder && { encoder }) };
  const learner = new Lift(
    task,
    parts,
    encoder
      ? liftConfigSchema.parse({ ...config, adapters: { bottleneck: adapter_dim, last: partial } })
      : liftHeadConfigSchema.parse(config),
    new RandomStreams(0),
  );
  const named = new Map<string, Parameter>([['head/weight', learner.head.weight]]);
  for (const [name, parameter] of learner.trainableParameters()) {
    const [, block, rest] = /(\d+)\.adapter\.(.*)$/.exec(name) ?? [];
    if (rest) named.set(`t/adaptformer_list.${block}.${rest}`, parameter);
  }
  for (const [name, parameter] of named) {
    const value = inputs.tensor(name);
    parameter.variable.assign(parameter.layout === 'OI' ? tf.transpose(value) : value);
  }
  return { learner, named };
}

const vit: ParityAdapter = (inputs) => {
  const images = channelsLast(inputs.tensor('image'));
  const { learner, named } = storedLift(inputs);
  const plain = storedTower(inputs) as Encoder & Module;
  const untouched = plain.forward(images) as { unprojected?: tf.Tensor; features: tf.Tensor };
  const { loss, gradients } = differentiate(
    () => ({
      loss: tf.sum(tf.mul(learner.forward(images).logits, inputs.tensor('upstream'))) as tf.Scalar,
      terms: {},
    }),
    [...named.values()],
  );
  const found: Record<string, ParityValue> = {
    ...learner.forward(images),
    loss,
    features_without_tuner: untouched.unprojected ?? untouched.features,
  };
  for (const [name, parameter] of named) {
    found[`grad_${name}`] = inFileOrder(gradients.get(parameter) as tf.Tensor, parameter);
  }
  learner.dispose();
  plain.dispose();
  return found;
};

interface Training extends Sizes {
  readonly lr: number;
  readonly momentum: number;
  readonly weight_decay: number;
  readonly epochs: number;
  readonly accumulate: number;
}

const trainingSteps: ParityAdapter = (inputs) => {
  const { kind, lr, momentum, weight_decay, epochs, accumulate } = inputs.params as unknown as Training;
  const optimizerConfig = { name: 'sgd', learningRate: lr, momentum, weightDecay: weight_decay };
  const { learner, named } = storedLift(inputs, { epochs, optimizer: optimizerConfig });
  const start = new Map([...named].map(([name, { variable }]) => [name, variable.clone()]));
  const batches = tf.unstack(inputs.tensor(kind === 'head' ? 'features' : 'image'));
  const labels = tf.unstack(inputs.tensor('labels')).map((of) => oneHot(of, learner.head.weight.shape[0]));
  const [stage] = learner.stages;
  const trained = [...learner.trainableParameters()];
  const parameters = trained.map(([, parameter]) => parameter);
  const optimizer = stage.optimizer(trained);
  // Optimiser steps: one for each group of batches. The last group of an epoch can be smaller.
  const perEpoch = Math.ceil(batches.length / accumulate);
  const schedule = stage.schedule(perEpoch * epochs);
  const context: StepContext = { ...onlyStep(), epochs };
  const losses: number[] = [];
  const rates: number[] = [];
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sums: Map<Parameter, tf.Tensor> | undefined;
    for (const [i, images] of batches.entries()) {
      const batch = {
        inputs: kind === 'head' ? images : channelsLast(images),
        labels: labels[i],
        known: tf.onesLike(labels[i]),
      };
      const { loss, gradients } = differentiate(() => stage.step(batch, context), parameters);
      losses.push(loss.dataSync()[0]);
      rates.push(lr * schedule(step).learningRateFactor);
      const share = new Map([...gradients].map(([parameter, g]) => [parameter, tf.div(g, accumulate)]));
      sums = sums
        ? new Map([...share].map(([parameter, g]) => [parameter, tf.add(g, sums?.get(parameter) ?? 0)]))
        : share;
      disposeGradients(gradients);
      if ((i + 1) % accumulate !== 0 && i + 1 < batches.length) continue;
      optimizer.step(sums, schedule(step++));
      sums = undefined;
    }
  }
  const found: Record<string, ParityValue> = { losses, lr: rates };
  for (const [name, parameter] of named) {
    found[`final_${name}`] = inFileOrder(parameter.variable.clone(), parameter);
    found[`change_${name}`] = inFileOrder(tf.sub(parameter.variable, start.get(name)!), parameter);
  }
  optimizer.dispose();
  learner.dispose();
  return found;
};

const testCrops: ParityAdapter = (inputs) => {
  const { mode, resolution: size, expand } = inputs.params as { mode: string; resolution: number; expand: number };
  const [height, width] = inputs.host('image').shape;
  const picture = { height, width, pixels: Uint8Array.from(inputs.numbers('image')) };
  const crops = { size, mirrored: mode === 'tencrop' };
  const shorterSide = mode === 'none' ? Math.trunc((8 / 7) * size) : size + expand;
  const made = resolvePipeline([
    { name: 'resize', shorterSide, filter: 'bilinear' },
    mode === 'none' ? { name: 'centerCrop', size } : { name: 'fiveCrops', ...crops },
  ])(picture);
  const count = mode === 'none' ? 1 : cropsOf(crops);
  return { crops: tf.tensor4d(Float32Array.from(made.pixels), [count, size, size, 3]) };
};

const metrics: ParityAdapter = (inputs) => {
  const mean = tf.mean(inputs.tensor('logits'), 1);
  const [rows, columns] = mean.shape;
  const report = classAccuracyReport({ rows, columns, scores: mean.dataSync<'float32'>() }, inputs.numbers('labels'));
  const of = (name: string): number => {
    const classes = inputs.numbers(name);
    return classes.reduce((sum, c) => sum + report.perClass[c], 0) / classes.length;
  };
  const percent = {
    accuracy: report.accuracy,
    error_rate: 1 - report.accuracy,
    mean_acc: report.meanAccuracy,
    macro_f1: report.macroF1,
    worst_case_acc: report.worstAccuracy,
    hmean_acc: report.harmonicMean,
    gmean_acc: report.geometricMean,
    ...{ many_acc: of('many'), med_acc: of('med'), few_acc: of('few') },
  };
  return Object.fromEntries(Object.entries(percent).map(([name, value]) => [name, [100 * value]]));
};

export const liftAdapters: ParityAdapters = {
  lift_cosine_head: cosineHead,
  lift_logit_adjusted_loss: logitAdjusted,
  lift_head_init: headStart,
  lift_adapter_dim: adapterSizes,
  lift_adaptformer: adapter,
  lift_vit: vit,
  lift_training_steps: trainingSteps,
  lift_test_crops: testCrops,
  lift_metrics: metrics,
};
