import {
  CprflHead,
  cprfl,
  cprflConfigSchema,
  PiNetwork,
  publishedLoss,
  VsiLayer,
  type VsiLayerOptions,
} from '@ltml/cprfl';
import {
  BatchNorm,
  Conv2d,
  differentiate,
  Ema,
  exportState,
  gelu,
  importState,
  Module,
  Parameter,
  RandomStream,
  RandomStreams,
} from '@ltml/tensor';
import type { Criterion, EncoderOutput, Learner, MapEncoder } from '@ltml/tensor/contract';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from './adapter.ts';
import { channelsFirst, channelsLast, inFileOrder } from './stored-module.ts';

type Numbers = Readonly<Record<string, number>>;
type Outputs = Record<string, ParityValue | undefined>;
/** The name of a weight in the file, from its state name. */
type FileName = (name: string) => string;

const numbersOf = (inputs: ParityInputs): Numbers => inputs.params as Numbers;
const unweighted = { trainCount: 0, classCounts: [], cooccurrence: [] };
const asymmetric: Criterion = publishedLoss('asymmetric', unweighted);

const inPi =
  (linear: boolean): FileName =>
  (name) => {
    const [layer, kind] = name.split('.');
    return `${kind === 'weight' ? 'W' : 'b'}${layer === 'hidden' || linear ? 1 : 2}`;
  };

const inHead =
  (linear: boolean): FileName =>
  (name) =>
    name.startsWith('pi.') ? `pi.${inPi(linear)(name.slice(3))}` : name.replace('vsi.layers.0.', 'vsi.');

/** Puts the stored weights into a module. */
function load<M extends Module>(module: M, inputs: ParityInputs, prefix: string, fileName: FileName): M {
  // The class embeddings are an input of the cases.
  const names = [...module.namedState()].map(([name]) => name).filter((name) => !name.endsWith('class_embeddings'));
  importState(module, new Map(names.map((name) => [name, inputs.host(prefix + fileName(name))])), { partial: true });
  return module;
}

/** Gradients of a number by the parameters of a module and by further ones, under their names in the file. */
function gradientsOf(
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

function disposeAll(...owners: readonly (Module | Parameter)[]): void {
  for (const owner of owners) owner.dispose();
}

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

/** Streams whose dropout keeps what the stored masks keep, one mask after the other, again and again. */
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

function layerOptions(inputs: ParityInputs): VsiLayerOptions {
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

/** A chain of layers under the names of the file. */
class Layers extends Module {
  readonly layers: readonly VsiLayer[];

  constructor(layers: readonly VsiLayer[]) {
    super();
    this.layers = layers;
  }
}

const imagesFirst = (weights: tf.Tensor): tf.Tensor => tf.transpose(weights, [1, 0, 2, 3]);

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

/** Forms of the layer whose queries, keys and values are stored as three matrices. */
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

/** The paths of the gradient that are closed. */
interface Stops {
  readonly classifier: boolean;
  readonly feature: boolean;
}

function storedHead(inputs: ParityInputs, classEmbeddings: tf.Tensor, stops: Stops) {
  const { d, d0, tau, nonlinear } = numbersOf(inputs);
  const { width: _, random, ...vsi } = layerOptions(inputs);
  const head = new CprflHead({
    features: d0,
    classEmbeddings: classEmbeddings as tf.Tensor2D,
    width: d,
    pi: { expansion: tau, linear: !nonlinear },
    vsi: { ...vsi, depth: 1 },
    stopClassifierGradient: stops.classifier,
    stopFeatureGradient: stops.feature,
    random,
  });
  return load(head, inputs, 'param.', inHead(!nonlinear));
}

/** Feature map to loss, and the gradients of everything; those of the prompts also by path. */
const cprflHead: ParityAdapter = (inputs) => {
  const { no_cls_grad, no_feature_grad, nonlinear } = numbersOf(inputs);
  const stops: Stops = { classifier: Boolean(no_cls_grad), feature: Boolean(no_feature_grad) };
  const text_embeddings = new Parameter(inputs.tensor('in.text_embeddings'));
  const features = new Parameter(channelsLast(inputs.tensor('in.features')));
  const targets = inputs.tensor('in.targets') as tf.Tensor2D;
  const known = tf.onesLike(targets);
  const head = storedHead(inputs, text_embeddings.variable, stops);
  const { visualTokens, prompts, attention, classFeatures, logits } = head.forward(features.variable);
  const P = new Parameter(prompts.clone());
  const byPrompts = (of: CprflHead) => {
    const loss = () =>
      asymmetric(of.forward(features.variable, P.variable as tf.Tensor as tf.Tensor2D).logits, targets, known);
    return gradientsOf(loss, new Layers([]), (name) => name, { P })['grad.P'];
  };
  const onePath = (closed: Partial<Stops>) => {
    const other = storedHead(inputs, text_embeddings.variable, { ...stops, ...closed });
    const gradient = byPrompts(other);
    other.dispose();
    return gradient;
  };
  const paths = inputs.has('grad.P.path_vsi') && {
    'grad.P.path_vsi': onePath({ classifier: true }),
    'grad.P.path_classifier': onePath({ feature: true }),
  };
  const x = new Parameter(logits.clone());
  const byLogits = gradientsOf(
    () => asymmetric(x.variable as tf.Tensor as tf.Tensor2D, targets, known),
    new Layers([]),
    (name) => name,
    { logits: x },
  );
  // All tokens ask in the stored block; ours are the last of its rows.
  const tokens = tf.concat([visualTokens, tf.tile(tf.expandDims(prompts), [visualTokens.shape[0], 1, 1])], 1);
  const whole = imagesFirst(head.vsi.layers[0].forward(tokens as tf.Tensor3D).weights);
  const [others] = tf.split(whole, [visualTokens.shape[1], prompts.shape[0]], 2);
  const outputs: Outputs = {
    'mid.F': visualTokens,
    'mid.P': prompts,
    'mid.attn_prob': tf.concat([others, attention], 2),
    'mid.P_prime': classFeatures,
    'out.logits': logits,
    'out.prob': tf.sigmoid(logits),
    'out.loss': asymmetric(logits, targets, known),
    ...gradientsOf(
      () => {
        const own = head.pi.forward(text_embeddings.variable);
        return asymmetric(head.forward(features.variable, own).logits, targets, known);
      },
      head,
      inHead(!nonlinear),
      { features, text_embeddings },
    ),
    ...byLogits,
    'grad.P': byPrompts(head),
    ...paths,
  };
  const byFeatures = outputs['grad.features'] as tf.Tensor | undefined;
  disposeAll(head, text_embeddings, features, P, x);
  return { ...outputs, ...(byFeatures && { 'grad.features': channelsFirst(byFeatures) }) };
};

/** The backbone of the training fixtures: one convolution with batch norm. */
class TinyBackbone extends Module implements MapEncoder {
  readonly conv: Conv2d;
  readonly bn: BatchNorm;

  constructor(channels: number) {
    super();
    const window = { kernel: 3, stride: 2, padding: 1, bias: false } as const;
    this.conv = new Conv2d({ inChannels: 3, outChannels: channels, ...window, random: new RandomStream(0) });
    this.bn = new BatchNorm({ channels });
  }

  forward(images: tf.Tensor): EncoderOutput & { readonly featureMap: tf.Tensor4D } {
    const featureMap = tf.relu(this.bn.forward(this.conv.forward(images as tf.Tensor4D)));
    return { featureMap, features: tf.mean<tf.Tensor2D>(featureMap, [1, 2]) };
  }
}

function storedLearner(inputs: ParityInputs): Learner {
  const { c, d, d0, max_lr, weight_decay, ema_decay, onecycle_epochs, backbone_lr_scale } = numbersOf(inputs);
  const { width, random, ...vsi } = layerOptions(inputs);
  const config = cprflConfigSchema.parse({
    width: d,
    vsi,
    epochs: 1,
    scheduleEpochs: onecycle_epochs,
    optimizer: { learningRate: max_lr, weightDecay: weight_decay },
    averageDecay: ema_decay,
    backbone: { learningRateScale: backbone_lr_scale },
  });
  const task = { classes: Array.from({ length: c }, (_, i) => `${i}`), statistics: unweighted };
  const classEmbeddings = inputs.tensor('in.text_embeddings') as tf.Tensor2D;
  const parts = { backbone: new TinyBackbone(d0), features: d0, classEmbeddings };
  return load(cprfl.create(task, parts, config, random), inputs, 'param.init.', inLearner);
}

const inLearner: FileName = (name) => inHead(false)(name.replace(/^head\./, ''));

/** Some steps of training with what the learner's stage says, each followed by a look at the averaged weights. */
const trainSteps: ParityAdapter = async (inputs) => {
  const { steps, steps_per_epoch, max_lr, ema_decay } = numbersOf(inputs);
  const learner = storedLearner(inputs);
  const [stage] = learner.stages;
  const named = [...learner.trainableParameters()];
  const optimizer = stage.optimizer(named);
  const schedule = stage.schedule(steps_per_epoch);
  const average = new Ema(learner, { decay: stage.averageDecay ?? ema_decay });
  const batches = tf.unstack(inputs.tensor('in.images')).map(channelsLast);
  const targets = tf.unstack(inputs.tensor('in.targets')) as tf.Tensor2D[];
  const columns: Record<'loss' | 'ema_loss' | 'logits_train' | 'logits_ema', tf.Tensor[]> = {
    loss: [],
    ema_loss: [],
    logits_train: [],
    logits_ema: [],
  };
  for (let step = 0; step < steps; step++) {
    const [images, labels] = [batches[step], targets[step]];
    const known = tf.onesLike(labels);
    const { loss, gradients } = differentiate(
      () => {
        const logits = learner.predict(images);
        columns.logits_train.push(tf.keep(logits.clone()));
        return { loss: asymmetric(logits, labels, known), terms: {} };
      },
      named.map(([, parameter]) => parameter),
    );
    optimizer.step(gradients, schedule(step));
    average.update();
    average.swap();
    const logits = learner.eval().predict(images);
    columns.logits_ema.push(logits);
    columns.ema_loss.push(asymmetric(logits, labels, known));
    columns.loss.push(loss);
    average.swap();
    learner.train();
  }
  const rates = Array.from({ length: steps }, (_, step) => schedule(step));
  const stored = (prefix: string, state: Awaited<ReturnType<typeof exportState>>) =>
    Object.fromEntries([...state].map(([name, value]) => [`${prefix}.${inLearner(name)}`, value]));
  const outputs = {
    'out.loss': tf.stack(columns.loss),
    'out.ema_loss': tf.stack(columns.ema_loss),
    'out.logits_train': tf.concat(columns.logits_train),
    'out.logits_ema': tf.concat(columns.logits_ema),
    // A tenth of the rate in the last two columns, even where the case's groups for the backbone are empty.
    'out.lr': rates.map(({ learningRateFactor }) =>
      [1, 1, 0.1, 0.1].map((scale) => max_lr * learningRateFactor * scale),
    ),
    'out.beta1': rates.map(({ momentum }) => momentum ?? Number.NaN),
    ...stored('out.final', await exportState(learner)),
    ...stored('out.ema', await average.exportState()),
  };
  average.dispose();
  optimizer.dispose();
  learner.dispose();
  return outputs;
};

export const cprflAdapters: ParityAdapters = {
  pi_network: piNetwork,
  vsi_block: vsiBlock,
  vsi_block_literal: separateVsi(literal, (name) => literalNames[name] ?? name, 'out.P_prime'),
  vsi_block_residual: separateVsi({ residual: true }, (name) => name, 'out.y'),
  cprfl_head: cprflHead,
  train_steps: trainSteps,
};
