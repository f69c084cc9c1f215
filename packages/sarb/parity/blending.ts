import {
  blendInstances,
  blendPrototypes,
  choosePrototypes,
  classPrototypes,
  contrastiveLoss,
  contrastivePairs,
  lloyd,
  pairedBy,
  pairPlaces,
} from '@ltml/sarb';
import { RandomStreams } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';
import { decode, encode, numbersOf } from './stored.ts';

type Blend = (share: tf.Tensor, features: tf.Tensor) => { features: tf.Tensor; labels: tf.Tensor; known: tf.Tensor };

/** Blended features and labels, and the gradient of each with respect to the share, `alpha` or `beta`. */
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

/** [B] the class that is blended, or −1 for none. */
function selectedClass(chosen: tf.Tensor2D): tf.Tensor {
  const [B] = chosen.shape;
  return tf.where(tf.cast(tf.max(chosen, 1), 'bool'), tf.argMax(chosen, 1), tf.fill([B], -1, 'int32'));
}

/**
 * Chooses prototypes as we do. If the case says so, images without an unknown label are treated as in the released
 * code.
 */
export function chosenPrototypes(inputs: ParityInputs, known: tf.Tensor2D) {
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

/** An order of all pairs that agrees with the stored orders of the two lists. */
export function pairOrder(inputs: ParityInputs): Int32Array {
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

/** Comparisons of the parts of SARB's training: blending, prototypes and the contrastive loss. */
export const sarbBlendingAdapters: ParityAdapters = {
  ilrbBlend,
  plrbBlend,
  computePrototypes,
  lloyd: lloydAdapter,
  contrastiveLoss: contrastive,
  contrastiveLossPaper: contrastivePaper,
};
