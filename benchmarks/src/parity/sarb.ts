import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropLabels } from '@ltml/data';
import {
  blendInstances,
  blendPrototypes,
  choosePrototypes,
  classPrototypes,
  contrastiveLoss,
  contrastivePairs,
  contrastiveWeight,
  cooccurrenceAdjacency,
  ElementWiseLinear,
  GatedGraphNetwork,
  GraphClassifier,
  isBlending,
  lloyd,
  pairedBy,
  pairPlaces,
  prototypesDue,
  Sarb,
  SemanticAttention,
  SemanticDecoupling,
  sarbConfigSchema,
} from '@ltml/sarb';
import {
  differentiate,
  exportState,
  type HostTensor,
  importState,
  type Module,
  Parameter,
  RandomStream,
  RandomStreams,
  readSafetensors,
} from '@ltml/tensor';
import type { StepContext } from '@ltml/tensor/contract';
import { classStatistics } from '@ltml/tensor/labels';
import * as tf from '@tensorflow/tfjs-core';
import type { JsonValue, ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from './adapter.ts';
import { unpackVoc2007 } from './data.ts';
import { inFileOrder } from './stored-module.ts';

const random = new RandomStream(1);

const numbersOf = (inputs: ParityInputs): Record<string, number> => inputs.params as Record<string, number>;

/** From NCHW to ours, and back. */
const toOurs = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 2, 3, 1]);
const toTheirs = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, 3, 1, 2]);

/** Labels −1, 0, 1 of which 0 is unknown. */
function decode(labels: tf.Tensor): { labels: tf.Tensor2D; known: tf.Tensor2D } {
  return {
    labels: tf.relu(tf.cast(labels as tf.Tensor2D, 'float32')),
    known: tf.cast(tf.notEqual<tf.Tensor2D>(labels as tf.Tensor2D, 0), 'float32'),
  };
}

/** The inverse, in which a label may be soft. */
function encode({ labels, known }: { labels: tf.Tensor; known: tf.Tensor }): tf.Tensor {
  return tf.sub(labels, tf.mul(known, tf.cast(tf.equal(labels, 0), 'float32')));
}

/** Stored parameters by their state names. A scalar is stored with one axis. */
function storedParameters(inputs: ParityInputs, scalars: readonly string[] = []): Map<string, HostTensor> {
  const names = inputs.names.filter((name) => name.startsWith('param.')).map((name) => name.slice('param.'.length));
  return new Map(
    names.map((name) => {
      const stored = inputs.host(`param.${name}`);
      return [name, scalars.includes(name) ? { ...stored, shape: [] } : stored];
    }),
  );
}

/** Runs a module on stored inputs; gives gradients of Σ output · upstream by its parameters and those inputs. */
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

type Blend = (share: tf.Tensor, features: tf.Tensor) => { features: tf.Tensor; labels: tf.Tensor; known: tf.Tensor };

/** Blended features and labels, and their gradients by the share, `alpha` or `beta`, through each. */
function blendOutputs(inputs: ParityInputs, share: string, blend: Blend): Record<string, ParityValue> {
  const kept = tf.clipByValue(tf.reshape(inputs.tensor(share), []), 0, 1);
  const features = inputs.tensor('features');
  const blended = blend(kept, features);
  const through = (part: 'features' | 'labels'): tf.Tensor[] =>
    tf.grads((s, f) => tf.sum(tf.mul(blend(s, f)[part], inputs.tensor(`upstream_${part}`))))([kept, features]);
  const [byFeatures, gradient] = through('features');
  const [byLabels] = tf.grads((s) => tf.sum(tf.mul(blend(s, features).labels, inputs.tensor('upstream_labels'))))([
    kept,
  ]);
  return {
    [`${share}_effective`]: tf.reshape(kept, [1]),
    blended_features: blended.features,
    blended_labels: encode(blended),
    'grad.features': gradient,
    [`grad.${share}_via_features`]: tf.reshape(byFeatures, [1]),
    [`grad.${share}_via_labels`]: tf.reshape(byLabels, [1]),
  };
}

const ilrbBlend: ParityAdapter = (inputs) => {
  const known = decode(inputs.tensor('labels'));
  const pairing = pairedBy(inputs.tensor('pair_index') as tf.Tensor1D);
  const partner = pairing(tf.mul(known.labels, known.known));
  return {
    ...blendOutputs(inputs, 'alpha', (alpha, features) =>
      blendInstances({ ...known, features: features as tf.Tensor3D }, { alpha, pairing }),
    ),
    blend_mask: tf.mul(tf.sub(1, known.known), partner),
  };
};

const plrbBlend: ParityAdapter = (inputs) => {
  const known = decode(inputs.tensor('labels'));
  const { chosen, fixed } = chosenPrototypes(inputs, known.known);
  const blend =
    (choice: typeof chosen): Blend =>
    (beta, features) =>
      blendPrototypes({ ...known, features: features as tf.Tensor3D }, choice, { beta });
  const withDefault = blendOutputs(inputs, 'beta', blend(fixed));
  return {
    ...blendOutputs(inputs, 'beta', blend(chosen)),
    selected_class: selectedClass(chosen.chosen),
    no_unknown_rows: tf.cast(tf.equal(tf.min(known.known, 1), 1), 'int32'),
    blended_features_fixed: withDefault.blended_features,
    blended_labels_fixed: withDefault.blended_labels,
    selected_class_fixed: selectedClass(fixed.chosen),
  };
};

/** [B] the class that is blended, −1 where none is. */
function selectedClass(chosen: tf.Tensor2D): tf.Tensor {
  const [B] = chosen.shape;
  return tf.where(tf.cast(tf.max(chosen, 1), 'bool'), tf.argMax(chosen, 1), tf.fill([B], -1, 'int32'));
}

/** As the released code chooses where the case stores its choice for images without an unknown label, and as we do. */
function chosenPrototypes(inputs: ParityInputs, known: tf.Tensor2D) {
  const prototypes = inputs.tensor('prototypes') as tf.Tensor3D;
  const [C, K] = prototypes.shape;
  const choice = {
    noise: inputs.tensor('random_field') as tf.Tensor2D,
    draw: tf.tensor1d(inputs.numbers('prototype_index').map((k) => (k + 0.5) / K)),
    prototypes,
    counts: tf.fill([C], K) as tf.Tensor1D,
  };
  return {
    chosen: choosePrototypes(known, { ...choice, overwriteFullyKnown: inputs.has('blended_features_fixed') }),
    fixed: choosePrototypes(known, choice),
  };
}

const computePrototypes: ParityAdapter = async (inputs) => {
  const { classNum, prototypeNum, featureDim } = numbersOf(inputs);
  const batch = { ...decode(inputs.tensor('labels')), inputs: inputs.tensor('features') };
  const options = { classes: classNum, count: prototypeNum, samples: null, random: new RandomStreams(1) };
  const { prototypes } = await classPrototypes([batch], (x) => x as tf.Tensor3D, options);
  const vectors = Array.from({ length: classNum * prototypeNum }, (_, i) =>
    Array.from(prototypes.subarray(i * featureDim, (i + 1) * featureDim)),
  );
  const sorted = Array.from({ length: classNum }, (_, c) =>
    vectors.slice(c * prototypeNum, (c + 1) * prototypeNum).sort(lexicographic),
  );
  return { prototypes_sorted: tf.tensor(sorted.flat(2), [classNum, prototypeNum, featureDim]) };
};

function lexicographic(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at] - b[at];
}

const lloydAdapter: ParityAdapter = async (inputs) => {
  const { maxIter, tol } = numbersOf(inputs);
  const points = inputs.tensor('points') as tf.Tensor2D;
  const options = { maxIterations: maxIter, tolerance: tol };
  const { centers, labels, inertia } = await lloyd(points, inputs.tensor('init_centers') as tf.Tensor2D, options);
  return { centers, labels: Array.from(labels), inertia: [inertia] };
};

/** The order of all pairs that has the stored orders of the two lists. */
function pairOrder(inputs: ParityInputs): Int32Array {
  const [B, C] = inputs.host('labels').shape;
  const labels = inputs.numbers('labels');
  const label = (place: number, end: 'first' | 'second'): number => {
    const n = end === 'first' ? Math.floor(place / B) % B : place % B;
    return labels[n * C + Math.floor(place / (B * B))];
  };
  const places = Array.from(pairPlaces(B, C));
  const ofKind = (sum: number, product: number): number[] =>
    places.filter((place) => {
      const [a, b] = [label(place, 'first'), label(place, 'second')];
      return a + b === sum && a * b === product;
    });
  const ordered = [
    ...inputs.numbers('perm_negneg').map((i) => ofKind(-2, 1)[i]),
    ...inputs.numbers('perm_posneg').map((i) => ofKind(0, -1)[i]),
  ];
  const taken = new Set(ordered);
  return Int32Array.from([...ordered, ...places.filter((place) => !taken.has(place))]);
}

const contrastive: ParityAdapter = (inputs) => {
  const features = inputs.tensor('features') as tf.Tensor3D;
  const { labels, known } = decode(inputs.tensor('labels'));
  const [B, C] = labels.shape;
  const pairs = tf.tensor1d(pairOrder(inputs), 'int32');
  const { value, grad } = tf.valueAndGrad((x) => contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs }))(features);
  const { cosine, weight, counts } = contrastivePairs(features, labels, known, { pairs });
  const upper = tf.tensor1d(pairPlaces(B, C), 'int32');
  return {
    pair_cosine: tf.reshape(tf.gather(tf.reshape(cosine, [-1]), upper), [(B * (B - 1)) / 2, C]),
    loss_mean: tf.reshape(value, [1]),
    loss_sum: tf.reshape(contrastiveLoss(features, labels, known, { pairs, reduction: 'sum' }), [1]),
    counts: tf.stack([counts.positive, counts.mixed, counts.negative]),
    terms: tf.reshape(tf.sum(weight), [1]),
    'grad.features': grad,
  };
};

const contrastivePaper: ParityAdapter = (inputs) => {
  const features = inputs.tensor('features') as tf.Tensor3D;
  const { labels, known } = decode(inputs.tensor('labels'));
  const loss = (pairs: 'all' | 'known', reduction: 'mean' | 'sum') =>
    tf.valueAndGrad((x) => contrastiveLoss(x as tf.Tensor3D, labels, known, { pairs, reduction }))(features);
  const all = loss('all', 'mean');
  const annotated = loss('known', 'mean');
  return {
    loss_sum_unordered_pairs: tf.reshape(loss('all', 'sum').value, [1]),
    loss_mean_unordered_pairs: tf.reshape(all.value, [1]),
    loss_mean_known_pairs: tf.reshape(annotated.value, [1]),
    'grad_mean.features': all.grad,
    'grad_known.features': annotated.grad,
  };
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

const schedule: ParityAdapter = (inputs) => {
  const { lr, stepEpoch, gamma, mixupEpoch, recomputePrototypeInterval, contrastiveLossWeight } = numbersOf(inputs);
  const epochs = inputs.json('epochs') as number;
  const config = sarbConfigSchema.parse({
    epochs,
    features: 1,
    attention: { name: 'masks' },
    blending: { prototypes: null },
    optimizer: { learningRate: lr },
    decay: { every: stepEpoch, factor: gamma },
  });
  const statistics = classStatistics({ rows: 1, columns: 1, present: Uint8Array.of(1) });
  const learner = new Sarb({ classes: ['a'], statistics }, { channels: 1 }, config, new RandomStreams(1));
  const batches = 7;
  const rates = learner.stages[0].schedule(epochs * batches);
  learner.dispose();
  const each = Array.from({ length: epochs }, (_, epoch) => epoch);
  const from = { from: mixupEpoch, prototypesEvery: recomputePrototypeInterval };
  const weights = inputs.json('contrastive_weight') as readonly {
    epoch: number;
    batchIndex: number;
    batches: number;
  }[];
  return {
    lr: each.map((epoch) => lr * rates(epoch * batches).learningRateFactor),
    blending_active: each.map((epoch) => isBlending(epoch, from)),
    recompute_prototypes_before_epoch: each.filter((epoch) => prototypesDue(epoch, from)),
    contrastive_weight: weights.map(({ epoch, batchIndex, batches }) => ({
      ...{ epoch, batchIndex, batches },
      weight: contrastiveWeight(epoch * batches + batchIndex, batches, contrastiveLossWeight),
    })) as JsonValue,
  };
};

/** Draws that are stored, in place of seeded streams. */
function storedDraws(inputs: ParityInputs): RandomStreams {
  const K = inputs.host('prototypes').shape[1];
  const draws = [...inputs.numbers('random_field'), ...inputs.numbers('prototype_index').map((k) => (k + 0.5) / K)];
  const streams = {
    blend: { uniform: () => draws.shift() },
    pairs: { shuffle: () => Float32Array.from(pairOrder(inputs)) },
  };
  return { stream: (name: keyof typeof streams) => streams[name] } as unknown as RandomStreams;
}

function createSarb(inputs: ParityInputs, detachLabels: boolean): Sarb {
  const { featureDim, intermediateDim, prototypeNum, timeStep, alpha, beta } = numbersOf(inputs);
  const stored = storedParameters(inputs, ['alpha', 'beta']);
  const [classes, K] = inputs.host('prototypes').shape;
  const config = sarbConfigSchema.parse({
    features: featureDim,
    attention: { name: 'decoupling', innerFeatures: intermediateDim },
    graphSteps: timeStep,
    blending: {
      detachLabels,
      instances: { share: alpha },
      prototypes: {
        share: beta,
        count: prototypeNum,
        draw: inputs.host('prototype_index').shape[0] === 1 ? 'batch' : 'image',
      },
    },
    contrastive: { weight: inputs.params.contrastiveWeight },
  });
  const statistics = classStatistics({ rows: 1, columns: classes, present: new Uint8Array(classes) });
  const channels = inputs.host('feature_map').shape[1];
  const words = inputs.tensor('param.wordFeatures') as tf.Tensor2D;
  const task = { classes: Array.from({ length: classes }, (_, c) => `${c}`), statistics };
  const learner = new Sarb(
    task,
    { channels, classEmbeddings: words, trainingSet: async function* () {} },
    config,
    new RandomStreams(1),
  );
  importState(
    learner,
    new Map([
      ...stored,
      ['GraphNeuralNetwork.adjacency', inputs.host('adjacency')],
      ['prototypes', inputs.host('prototypes')],
      ['prototypeCounts', { dtype: 'F32', shape: [classes], data: new Float32Array(classes).fill(K) }],
      ...['running_mean', 'running_var'].map((name, i): [string, HostTensor] => [
        `changeChannel.1.${name}`,
        { dtype: 'F32', shape: [featureDim], data: new Float32Array(featureDim).fill(i) },
      ]),
    ]),
    { partial: true },
  );
  return learner.train();
}

const sarbTrainStep: ParityAdapter = async (inputs) => {
  const map = new Parameter(toOurs(inputs.tensor('feature_map')));
  const known = decode(inputs.tensor('labels'));
  const batch = { ...known, inputs: map.variable };
  const run = (learner: Sarb) => {
    const context: StepContext = { stage: 'train', step: 5, epoch: 5, random: storedDraws(inputs) };
    return differentiate(
      () => learner.step(batch, context),
      [map, ...[...learner.trainableParameters()].map(([, parameter]) => parameter)],
    );
  };
  const detached = createSarb(inputs, true);
  const detachedRun = run(detached);
  const learner = createSarb(inputs, false);
  const { loss, terms, gradients } = run(learner);
  const state = await exportState(learner);
  const evaluated = learner.eval().forward(map.variable).logits;
  const { features, logits } = learner.train().forward(map.variable);
  const instances = blendInstances({ ...known, features }, { alpha: learner.alpha!.variable });
  const { chosen } = chosenPrototypes(inputs, known.known);
  const prototypes = blendPrototypes({ ...known, features }, chosen, { beta: learner.beta!.variable });
  const scalar = (x: tf.Tensor | undefined): tf.Tensor | undefined => x && tf.reshape(x, [1]);
  const named = [...learner.trainableParameters()].map(([name, parameter]) => {
    const gradient = gradients.get(parameter);
    const stored = gradient && (gradient.rank === 0 ? scalar(gradient) : inFileOrder(gradient, parameter));
    return [`grad.${name}`, stored] as const;
  });
  const outputs = {
    ...Object.fromEntries(named),
    semantic_feature: features,
    logits,
    ilrb_features: instances.features,
    ilrb_logits: learner.classify(instances.features),
    ilrb_labels: encode(instances),
    plrb_features: prototypes.features,
    plrb_logits: learner.classify(prototypes.features),
    plrb_labels: encode(prototypes),
    loss_bce: scalar(terms.bce),
    loss_contrastive_weighted: scalar(terms.contrastive),
    loss_ilrb: scalar(terms.instances),
    loss_plrb: scalar(terms.prototypes),
    loss_total: scalar(loss),
    eval_logits: evaluated,
    'grad.feature_map': toTheirs(gradients.get(map) as tf.Tensor),
    'grad_labels_detached.alpha': scalar(detachedRun.gradients.get(detached.alpha!)),
    'grad_labels_detached.beta': scalar(detachedRun.gradients.get(detached.beta!)),
    bn_running_mean_after: state.get('changeChannel.1.running_mean'),
    bn_running_var_after: state.get('changeChannel.1.running_var'),
  };
  for (const module of [learner, detached]) module.dispose();
  map.dispose();
  return outputs;
};

/** SARB: its network, its blending, its losses and prototypes, and a whole training step. */
export const sarbAdapters: ParityAdapters = {
  semanticDecoupling,
  semanticAttentionModule,
  gatedGNN: gatedGraph,
  elementWiseLayer: elementWise,
  classifierHead,
  ilrbBlend,
  plrbBlend,
  computePrototypes,
  lloyd: lloydAdapter,
  contrastiveLoss: contrastive,
  contrastiveLossPaper: contrastivePaper,
  cooccurrenceAdjacency: adjacency,
  'sarb/data': vocLabels,
  schedule,
  sarbTrainStep,
};
