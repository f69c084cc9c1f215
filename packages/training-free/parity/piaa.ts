import { ClipVisionTransformer } from '@ltml/backbone';
import { importState } from '@ltml/tensor';
import {
  addToBank,
  emptyBank,
  gaussianClassifier,
  itaclipTokens,
  learnFromBank,
  neighbourMean,
  type PatchClassifier,
  patchClasses,
  patchOutliers,
  piaaScore,
  scclipPatches,
  sclipTokens,
} from '@ltml/training-free';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import { channelsLast, storedWeights } from '../../tensor/parity/stored-module.ts';

/** The image tower of a case. Its weights have OpenAI's names with the prefix `w/`. */
export function storedTower(inputs: ParityInputs): ClipVisionTransformer {
  const { resolution, patch, width, layers, heads, out } = inputs.params as Readonly<Record<string, number>>;
  const config = { imageSize: resolution, patchSize: patch, width, layers, heads, embedding: out };
  const tower = new ClipVisionTransformer(config);
  importState(tower, storedWeights(inputs));
  return tower.eval();
}

const outliers: ParityAdapter = (inputs) => {
  const { n_neighbors: neighbours, contamination: share } = inputs.params as Readonly<Record<string, number>>;
  const found = patchOutliers(tf.expandDims(inputs.tensor('x'), 0) as tf.Tensor3D, { neighbours, share });
  return { scores: tf.squeeze(found.scores, [0]), outlier_mask: tf.squeeze(found.outliers, [0]) };
};

const neighbours: ParityAdapter = (inputs) => {
  const map = channelsLast(inputs.tensor('x')) as tf.Tensor4D;
  const [B, h, w] = map.shape;
  const cells = inputs.tensor('cells');
  const one = tf.expandDims(tf.scatterND(tf.cast(cells, 'int32'), tf.ones([cells.shape[0]]), [h, w]), 0);
  const found = tf.tile(one, [B, 1, 1]) as tf.Tensor3D;
  return { out: tf.transpose(neighbourMean(map, found), [0, 3, 1, 2]) };
};

const tokens: ParityAdapter = (inputs) => {
  const images = channelsLast(inputs.tensor('image'));
  const tower = storedTower(inputs);
  try {
    const { variant, coupled } = inputs.params as { variant: string; coupled?: boolean };
    if (variant === 'scclip') return { patch_tokens: scclipPatches(tower, images, { coupled: coupled ?? false }) };
    const all = (variant === 'sclip' ? sclipTokens : itaclipTokens)(tower, images);
    const [B, L, D] = all.shape;
    return {
      patch_tokens: tf.slice(all, [0, 1, 0], [B, L - 1, D]),
      cls_token: tf.reshape(tf.slice(all, [0, 0, 0], [B, 1, D]), [B, D]),
    };
  } finally {
    tower.dispose();
  }
};

const gaussian: ParityAdapter = async (inputs) => {
  const text = inputs.tensor('text') as tf.Tensor2D;
  const C = text.shape[0];
  const classes = inputs.numbers('labels');
  const probabilities = inputs.numbers('probs');
  const weights = classes.map((c, row) => probabilities[row * C + c]);
  const features = inputs.tensor('features') as tf.Tensor2D;
  const classifier = await gaussianClassifier({ features, classes, weights }, text);
  return { W: classifier.weight, b: classifier.bias };
};

const learn: ParityAdapter = async (inputs) => {
  const features = inputs.tensor('features') as tf.Tensor3D;
  const text = inputs.tensor('text') as tf.Tensor2D;
  const { k, temperature, entropy_scale: entropyScale, batch } = inputs.params as Readonly<Record<string, number>>;
  const [N, P, D] = features.shape;
  const rowsOf = (images: tf.Tensor3D): tf.Tensor2D => tf.reshape(images, [images.shape[0] * P, D]);
  let bank = emptyBank(text.shape[0], k, D);
  for (let first = 0; first < N; first += batch) {
    const some = tf.slice(features, [first, 0, 0], [Math.min(batch, N - first), P, D]);
    bank = addToBank(bank, patchClasses(rowsOf(some), text, { entropyScale }));
  }
  const { entropies, unit } = patchClasses(rowsOf(features), text, { entropyScale });
  const { first, classifier, kept } = await learnFromBank(bank, text, { temperature });
  // Find which patch is in which place of the bank by comparing features.
  const rows = tf.unstack(unit).map((row) => row.dataSync().join());
  const places = tf.unstack(tf.reshape(bank.features, [-1, D])).map((row) => rows.indexOf(row.dataSync().join()));
  const weights = bank.weights.dataSync();
  const inBank = places.map((_, place) => (weights[place] > 0 ? Math.floor(place / k) : -1));
  return {
    entropy: entropies,
    kept_first: byPatch(rows.length, places, inBank),
    W_first: first.weight,
    b_first: first.bias,
    kept: byPatch(
      rows.length,
      kept.places.map((place) => places[place]),
      kept.classes,
    ),
    mu: classifier.means,
    ...named(classifier),
  };
};

function named({ weight, bias }: PatchClassifier) {
  return { W: weight, b: bias };
}

/** The class of each patch, or −1 if it was not kept. */
function byPatch(count: number, patches: readonly number[], classes: readonly number[]): number[] {
  const kept = new Array<number>(count).fill(-1);
  for (const [i, patch] of patches.entries()) if (classes[i] >= 0) kept[patch] = classes[i];
  return kept;
}

const score: ParityAdapter = (inputs) => {
  const { cls_scale, patch_scale, gda_temperature, cls_weight } = inputs.params as Readonly<Record<string, number>>;
  const image = { features: inputs.tensor('cls') as tf.Tensor2D, patches: inputs.tensor('features') as tf.Tensor3D };
  const classes = {
    text: inputs.tensor('text') as tf.Tensor2D,
    weight: inputs.tensor('W') as tf.Tensor2D,
    bias: inputs.tensor('b') as tf.Tensor1D,
  };
  const result = piaaScore(image, classes, {
    imageScale: cls_scale,
    patchScale: patch_scale,
    gaussianTemperature: gda_temperature,
    imageWeight: cls_weight,
  });
  return { patch_prob: result.patches, patch_max: result.largest, score: result.score };
};

export const piaaAdapters: ParityAdapters = {
  piaa_lof: outliers,
  piaa_neighbour_mean: neighbours,
  piaa_patch_tokens: tokens,
  piaa_gaussian: gaussian,
  piaa_learn: learn,
  piaa_score: score,
};
