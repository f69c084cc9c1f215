import {
  candidateLogProbabilities,
  dsclLoss,
  dsclMinimum,
  dsclMultiLabelImage,
  dsclMultiLabelInstances,
  type EmptyPositives,
  gradientParts,
  gradientRatio,
  instancesOf,
  type LabelledKeys,
  LabelledQueue,
  type MultiLabelImageOptions,
  multiLabelTargets,
  ProjectionHead,
  pbsdLoss,
  sclLoss,
} from '@ltml/dscl';
import { centralBox, placeBox, sideBoxOfDraws, sizeOfDraw } from '@ltml/images';
import { differentiate, importState, Parameter, RandomStream, roiAlign, roiAlignMean } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { inFileOrder } from '../../tensor/parity/stored-module.ts';
import { linearClassifier, pretraining } from './training.ts';

type Outputs = Record<string, ParityValue | undefined>;

/** The options of a case under our names. */
function optionsOf(inputs: ParityInputs): { temperature: number; alpha: number } {
  const { tau, alpha } = inputs.params as Record<string, number>;
  return { temperature: tau, alpha };
}

const readings: Readonly<Record<string, EmptyPositives>> = {
  renormalize: 'renormalize',
  inside_exp: 'insideExp',
  times_logp: 'timesLogP',
  skip: 'skip',
};

interface StoredContrast {
  readonly anchors: tf.Tensor2D;
  readonly ownKeys: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
  readonly queue: LabelledKeys;
}

function storedContrast(inputs: ParityInputs, anchors: string, ownKeys: string): StoredContrast {
  const labels = inputs.numbers('labels');
  return {
    anchors: inputs.tensor(anchors) as tf.Tensor2D,
    ownKeys: inputs.tensor(ownKeys) as tf.Tensor2D,
    labels: inputs.tensor('labels') as tf.Tensor1D,
    queue: {
      keys: inputs.tensor('queue') as tf.Tensor2D,
      labels: inputs.tensor('queue_labels') as tf.Tensor1D,
      classes: Math.max(...labels, ...inputs.numbers('queue_labels')) + 1,
    },
  };
}

type Loss = (anchors: tf.Tensor2D) => tf.Tensor;

/** The mean of a loss over the anchors, and its gradient. */
function meanAndGradient(loss: Loss, anchors: tf.Tensor2D): { loss: tf.Tensor; gradient: tf.Tensor } {
  const { value, grad } = tf.valueAndGrad((x: tf.Tensor) => tf.mean(loss(x as tf.Tensor2D)))(anchors);
  return { loss: value, gradient: grad };
}

/** All outputs of a loss over own key and queue. */
function contrastOutputs(inputs: ParityInputs, name: 'scl' | 'dscl'): Outputs {
  const { anchors, ownKeys, labels, queue } = storedContrast(inputs, 'z', 'z_plus');
  const { temperature, alpha } = optionsOf(inputs);
  const loss: Loss = (z) =>
    name === 'scl'
      ? sclLoss(z, ownKeys, labels, queue, { temperature })
      : dsclLoss(z, ownKeys, labels, queue, { temperature, alpha });
  const mean = meanAndGradient(loss, anchors);
  const log = candidateLogProbabilities(anchors, ownKeys, queue.keys, temperature);
  const pulls = gradientParts(anchors, ownKeys, labels, queue, {
    temperature,
    loss: name,
    ...(name === 'dscl' && { alpha }),
  });
  return {
    loss: mean.loss,
    loss_per_anchor: loss(anchors),
    num_positives: tf.sum(pulls.positive, 1),
    prob_plus: tf.exp(log.own),
    prob_queue: tf.exp(log.queue),
    coef_plus: pulls.own,
    coef_queue: pulls.queue,
    grad_z: mean.gradient,
  };
}

const decoupled: ParityAdapter = (inputs) => {
  const { anchors, ownKeys, labels, queue } = storedContrast(inputs, 'z', 'z_plus');
  const options = optionsOf(inputs);
  const withReading = (emptyPositives: EmptyPositives): tf.Tensor =>
    dsclLoss(anchors, ownKeys, labels, queue, { ...options, emptyPositives });
  const epsilon = inputs.params.epsilon as number;
  return {
    ...contrastOutputs(inputs, 'dscl'),
    loss_exact: dsclLoss(anchors, ownKeys, labels, queue, options),
    ...(epsilon !== undefined && { loss_released: dsclLoss(anchors, ownKeys, labels, queue, { ...options, epsilon }) }),
    ...Object.fromEntries(Object.entries(readings).map(([name, reading]) => [`loss_${name}`, withReading(reading)])),
  };
};

const inBatch: ParityAdapter = (inputs) => {
  const { anchors, ownKeys, labels, queue } = storedContrast(inputs, 'q', 'k');
  const loss: Loss = (q) => dsclLoss(q, ownKeys, labels, queue, { ...optionsOf(inputs), candidates: 'inbatch' });
  const mean = meanAndGradient(loss, anchors);
  const own = inputs.numbers('labels');
  const inQueue = inputs.numbers('queue_labels');
  const count = (label: number, labels: readonly number[]): number => labels.filter((other) => other === label).length;
  return {
    loss: mean.loss,
    loss_per_anchor: loss(anchors),
    num_positives: own.map((label) => 2 * (count(label, own) - 1) + count(label, inQueue)),
    grad_q: mean.gradient,
  };
};

const ratios: ParityAdapter = (inputs) => {
  const { anchors, ownKeys, labels, queue } = storedContrast(inputs, 'z', 'z_plus');
  const { tau: temperature, P: positives } = inputs.params as Record<string, number>;
  const alphas = inputs.params.alphas as readonly number[];
  const outputs: Outputs = { approx_scl: [1 / positives] };
  const analyse = (name: string, options: Parameters<typeof gradientParts>[4], loss: tf.Tensor): void => {
    const { own, queue: coefficients, positive } = gradientParts(anchors, ownKeys, labels, queue, options);
    const same = Array.from(positive.dataSync());
    const values = Array.from(coefficients.dataSync());
    outputs[`ratio_${name}`] = gradientRatio(anchors, ownKeys, labels, queue, options);
    outputs[`coef_plus_${name}`] = own;
    outputs[`coef_pos_${name}`] = values.filter((_, i) => same[i] === 1);
    outputs[`coef_neg_${name}`] = values.filter((_, i) => same[i] === 0);
    outputs[`loss_${name}`] = loss;
  };
  analyse('scl', { temperature, loss: 'scl' }, sclLoss(anchors, ownKeys, labels, queue, { temperature }));
  for (const alpha of alphas) {
    const loss = dsclLoss(anchors, ownKeys, labels, queue, { temperature, alpha });
    analyse(`dscl_a${alpha}`, { temperature, alpha }, loss);
    outputs[`approx_dscl_a${alpha}`] = [alpha / (1 - alpha)];
  }
  return outputs;
};

const optimum: ParityAdapter = (inputs) => {
  const { loss, grad_z } = contrastOutputs(inputs, 'dscl');
  const { alpha, P } = inputs.params as Record<string, number>;
  return { loss, grad_z, min_loss: [dsclMinimum(alpha, P)] };
};

const enqueue: ParityAdapter = (inputs) => {
  const { K: size, dim: dimension, ptr_init: start } = inputs.params as Record<string, number>;
  const count = 1 + Math.max(...inputs.numbers('labels'), ...inputs.numbers('label_queue_init'));
  const queue = new LabelledQueue({ size, dimension, classes: count, random: new RandomStream(0) });
  queue.keys.variable.assign(tf.transpose(inputs.tensor('queue_init')));
  queue.labels.variable.assign(inputs.tensor('label_queue_init'));
  queue.pointer.variable.assign(tf.tensor1d([start], 'int32'));
  const labels = tf.unstack(inputs.tensor('labels'));
  const after = tf.unstack(inputs.tensor('keys')).map((keys, step) => {
    queue.enqueue(keys as tf.Tensor2D, labels[step] as tf.Tensor1D);
    return [tf.transpose(queue.keys.variable), queue.labels.variable.clone(), tf.reshape(queue.pointer.variable, [])];
  });
  const [keys, classes, pointers] = [0, 1, 2].map((i) => tf.stack(after.map((state) => state[i])));
  queue.dispose();
  return { queue_after: keys, label_queue_after: classes, ptr_after: pointers };
};

/** Stored regions are [L, N, …], ours are [N, L, …]. */
const regions: ParityAdapter = (inputs) => {
  const featureMap = tf.transpose(inputs.tensor('feature'), [0, 2, 3, 1]) as tf.Tensor4D;
  const boxes = tf.transpose(inputs.tensor('boxes'), [1, 0, 2]) as tf.Tensor3D;
  const upstream = tf.transpose(inputs.tensor('upstream'), [1, 0, 2]);
  const scale = inputs.params.spatial_scale as number;
  const mean = (map: tf.Tensor): tf.Tensor => roiAlignMean(map as tf.Tensor4D, boxes, { scale });
  return {
    pooled: tf.transpose(roiAlign(featureMap, boxes, { scale }), [1, 0, 4, 2, 3]),
    pooled_mean: tf.transpose(mean(featureMap), [1, 0, 2]),
    grad_feature: tf.transpose(tf.grad(mean)(featureMap, upstream), [0, 3, 1, 2]),
  };
};

const distillation: ParityAdapter = (inputs) => {
  const [teachers, students] = [inputs.tensor('c'), inputs.tensor('s')] as tf.Tensor3D[];
  const ownKeys = inputs.tensor('z_plus') as tf.Tensor2D;
  const queue = inputs.tensor('queue') as tf.Tensor2D;
  const { temperature } = optionsOf(inputs);
  const loss = (c: tf.Tensor, s: tf.Tensor): tf.Tensor =>
    pbsdLoss({ teachers: c as tf.Tensor3D, students: s as tf.Tensor3D }, ownKeys, queue, { temperature });
  const logProbabilities = (patches: tf.Tensor3D): tf.Tensor =>
    tf.stack(
      tf.unstack(patches).map((patch) => {
        const { own, queue: others } = candidateLogProbabilities(patch as tf.Tensor2D, ownKeys, queue, temperature);
        return tf.concat2d([tf.reshape(own, [-1, 1]), others], 1);
      }),
    );
  // Teachers are a parameter although they get no gradient: the missing gradient counts as zero.
  const [c, s] = [new Parameter(teachers.clone()), new Parameter(students.clone())];
  const { gradients } = differentiate(
    () => ({ loss: tf.mean(loss(tf.mul(c.variable, 1), s.variable)) as tf.Scalar, terms: {} }),
    [s, c],
  );
  const outputs = {
    loss: tf.mean(loss(teachers, students)),
    loss_per_patch: loss(teachers, students),
    target_prob: tf.exp(logProbabilities(teachers)),
    student_logprob: logProbabilities(students),
    grad_s: gradients.get(s),
    grad_c: gradients.get(c) ?? tf.zerosLike(teachers),
  };
  c.dispose();
  s.dispose();
  return outputs;
};

const projection: ParityAdapter = (inputs) => {
  const { Din: features, Dout: dimension } = inputs.params as Record<string, number>;
  const head = new ProjectionHead({ features, dimension, random: new RandomStream(0) });
  const names = { w1: 'hidden.weight', b1: 'hidden.bias', w2: 'output.weight', b2: 'output.bias' };
  importState(head, new Map(Object.entries(names).map(([theirs, ours]) => [ours, inputs.host(theirs)])));
  const x = new Parameter(inputs.tensor('x'));
  const upstream = inputs.has('upstream') ? inputs.tensor('upstream') : tf.scalar(0);
  const parameters = new Map(head.namedParameters());
  const { gradients } = differentiate(
    () => ({ loss: tf.sum(tf.mul(head.forward(x.variable as tf.Tensor), upstream)) as tf.Scalar, terms: {} }),
    [x, ...parameters.values()],
  );
  const hidden = head.hidden.forward(x.variable);
  const outputs: Outputs = {
    hidden_pre: hidden,
    out: head.output.forward(tf.relu(hidden)),
    z: head.forward(x.variable as tf.Tensor),
    grad_x: gradients.get(x),
  };
  for (const [theirs, ours] of Object.entries(names)) {
    const parameter = parameters.get(ours) as Parameter;
    outputs[`grad_${theirs}`] = inFileOrder(gradients.get(parameter) as tf.Tensor, parameter);
  }
  head.dispose();
  x.dispose();
  return outputs;
};

const areaBoxes: ParityAdapter = (inputs) => {
  const { width, height, max_attempts: most } = inputs.params as Record<string, number>;
  const ratio = inputs.params.ratio as [number, number];
  const [fractions, logRatios, offsets] = ['area_fraction', 'log_ratio', 'offset_ij'].map((name) =>
    inputs.numbers(name),
  );
  const drawn = inputs.numbers('num_attempts').map((_, row) => {
    for (let i = row * most; i < (row + 1) * most; i++) {
      const size = sizeOfDraw({ height, width }, fractions[i], logRatios[i]);
      if (size) return { box: placeBox(size, offsets[2 * row], offsets[2 * row + 1]), fallback: 0 };
    }
    return { box: centralBox({ height, width }, ratio), fallback: 1 };
  });
  return {
    box: drawn.flatMap(({ box: { left, top, right, bottom } }) => [left, top, right, bottom]),
    used_fallback: drawn.map(({ fallback }) => fallback),
  };
};

const sideBoxes: ParityAdapter = (inputs) => {
  const { width, height, scale, ratio } = inputs.params as Record<'width' | 'height', number> &
    Record<'scale' | 'ratio', [number, number]>;
  const draws = inputs.numbers('uniforms');
  const boxes = Array.from({ length: draws.length / 4 }, (_, row) => {
    const four = draws.slice(4 * row, 4 * row + 4) as [number, number, number, number];
    return sideBoxOfDraws({ height, width }, { scale, ratio }, four);
  });
  return { box: boxes.flatMap(({ left, top, right, bottom }) => [left, top, right, bottom]) };
};

const multiLabelImage: ParityAdapter = (inputs) => {
  const anchors = inputs.tensor('z') as tf.Tensor2D;
  const ownKeys = inputs.tensor('z_plus') as tf.Tensor2D;
  const labels = inputs.tensor('labels') as tf.Tensor2D;
  const queue = { keys: inputs.tensor('queue') as tf.Tensor2D, labels: inputs.tensor('queue_labels') as tf.Tensor2D };
  const { weighting, unknown } = inputs.params as Pick<MultiLabelImageOptions, 'weighting' | 'unknown'>;
  const options = { ...optionsOf(inputs), ...(weighting && { weighting }), ...(unknown && { unknown }) };
  const loss: Loss = (z) => dsclMultiLabelImage(z, ownKeys, labels, queue, options);
  const { temperature: _, ...weights } = options;
  const targets = multiLabelTargets(labels, queue.labels, weights);
  const mean = meanAndGradient(loss, anchors);
  return {
    loss: mean.loss,
    loss_per_anchor: loss(anchors),
    num_positives: tf.reshape(targets.count, [-1]),
    candidate_mask: targets.candidates,
    weight_plus: tf.reshape(targets.own, [-1]),
    weight_queue: targets.queue,
    grad_z: mean.gradient,
  };
};

const multiLabelInstances: ParityAdapter = (inputs) => {
  const embeddings = inputs.tensor('z') as tf.Tensor3D;
  const ownKeys = inputs.tensor('z_plus') as tf.Tensor3D;
  const labels = inputs.tensor('labels') as tf.Tensor2D;
  const instances = instancesOf(labels);
  const queue: LabelledKeys = {
    keys: inputs.tensor('queue') as tf.Tensor2D,
    labels: inputs.tensor('queue_class') as tf.Tensor1D,
    classes: labels.shape[1],
  };
  const outputs: Outputs = { instance_image: instances.images, instance_class: instances.classes };
  for (const [name, reduction] of [
    ['mean', 'mean'],
    ['class_mean', 'class-mean'],
  ] as const) {
    const loss = (z: tf.Tensor): tf.Tensor =>
      dsclMultiLabelInstances(z as tf.Tensor3D, ownKeys, instances, queue, { ...optionsOf(inputs), reduction });
    const { value, grad } = tf.valueAndGrad(loss)(embeddings);
    outputs[`loss_${name}`] = value;
    outputs[`grad_z_${name}`] = grad;
  }
  const inQueue = inputs.numbers('queue_class');
  const classes = Array.from(instances.classes.dataSync());
  outputs.num_positives = classes.map((c) => inQueue.filter((other) => other === c).length);
  outputs.loss_per_instance = classes.map((_, i) => {
    const one = { images: tf.slice(instances.images, [i], [1]), classes: tf.slice(instances.classes, [i], [1]) };
    return dsclMultiLabelInstances(embeddings, ownKeys, one, queue, optionsOf(inputs)).dataSync()[0];
  });
  return outputs;
};

/** Comparisons of DSCL: losses, queue, regions, analyses, both training loops, and our extension. */
export const dsclAdapters: ParityAdapters = {
  sclLoss: (inputs) => contrastOutputs(inputs, 'scl'),
  dsclLoss: decoupled,
  dsclLossInBatch: inBatch,
  gradientRatio: ratios,
  dsclOptimum: optimum,
  queueEnqueue: enqueue,
  roiAlignMean: regions,
  pbsdLoss: distillation,
  projectionHead: projection,
  patchBoxFromDraws: areaBoxes,
  patchBoxSide: sideBoxes,
  trainStep: pretraining,
  linearClassifierStep: linearClassifier,
  dsclMultiLabelImage: multiLabelImage,
  dsclMultiLabelPerClass: multiLabelInstances,
};
