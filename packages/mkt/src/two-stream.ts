import {
  checkChoice,
  checkCount,
  checkFlag,
  checkOptionNames,
  checkShapes,
  l2Normalize,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { checkPatches, meanOfLargest } from './top-k-pool.ts';

/** An image in the space of the label embeddings. Axes: B images, N patches, D features. */
export type ImageEmbeddings = {
  /** [B, D] the image as a whole. */
  readonly features: tf.Tensor2D;
  /** [B, N, D] */
  readonly patches: tf.Tensor3D;
};

/** Similarities of images and labels, before anything is normalised. Axes: B images, C classes. */
export type Streams = {
  /** [B, C] the similarity of the image as a whole. */
  readonly global: tf.Tensor2D;
  /** [B, C] mean of the similarities of the k patches that are most like the label. */
  readonly local: tf.Tensor2D;
};

export interface StreamOptions {
  /** k, patches that count for a label; default 18: paper. The training scripts of the authors have 16. */
  readonly topK?: number;
  /**
   * Labels whose similarities to all patches are in memory at once, B·N numbers each; default all of them. It changes no
   * score. For lists of thousands, without a gradient.
   */
  readonly labelsAtOnce?: number;
}

export interface CombineOptions {
  /**
   * The score: the mean of both streams (default: authors' code), their sum (the paper's equation, which doubles the
   * scores that the loss sees and ranks alike), or one stream alone.
   */
  readonly combine?: 'mean' | 'sum' | 'global' | 'local';
  /** Whether each stream is scaled to length 1 over the classes of an image; default true: authors' code. */
  readonly normalize?: boolean;
}

/**
 * Both similarities of each image to each label.
 *
 * @param labels [C, D] label embeddings
 * @throws ShapeError, OptionError
 * Source: He et al. (MKT), AAAI 2023, equations 1 to 3.
 */
export function labelStreams(image: ImageEmbeddings, labels: tf.Tensor2D, options: StreamOptions = {}): Streams {
  checkOptionNames('labelStreams', options, ['topK', 'labelsAtOnce']);
  const { B, N, C, D } = checkImage('labelStreams', image, labels);
  const { topK = 18, labelsAtOnce = C } = options;
  checkCount('labelStreams', 'options.topK', topK);
  if (options.labelsAtOnce !== undefined) checkCount('labelStreams', 'options.labelsAtOnce', labelsAtOnce);
  checkPatches('labelStreams', 'image.patches', N);
  // Kernels of some engines fail on tensors without entries.
  if (B * C * D === 0) {
    const { features, patches } = image;
    return { global: zerosBehind([B, C], features, labels), local: zerosBehind([B, C], patches, labels) };
  }
  return tf.tidy(() => {
    const places = tf.reshape<tf.Rank.R2>(image.patches, [B * N, D]);
    // One product of matrices, with the patches of all images side by side: [C, D] · [D, B·N].
    const pooled = (some: tf.Tensor2D): tf.Tensor =>
      meanOfLargest(tf.reshape(tf.matMul(some, places, false, true), [some.shape[0], B, N]), topK);
    const parts: tf.Tensor[] = [];
    for (let first = 0; first < C; first += labelsAtOnce) {
      const count = Math.min(labelsAtOnce, C - first);
      parts.push(tf.tidy(() => pooled(count < C ? tf.slice(labels, [first, 0], [count, D]) : labels)));
    }
    return {
      global: tf.matMul(image.features, labels, false, true),
      local: tf.transpose(parts.length > 1 ? tf.concat(parts, 0) : parts[0]) as tf.Tensor2D,
    };
  });
}

/**
 * Scores from the two streams.
 *
 * A stream is normalised over the classes it has: to score a subset of the labels, combine those columns only. What comes
 * out ranks labels; it is no probability.
 *
 * Edge cases: a stream of zeros stays zero (NaN in the authors' code); of a single class each stream is −1 or 1.
 *
 * @returns [B, C]
 * @throws ShapeError, OptionError
 */
export function combineStreams({ global, local }: Streams, options: CombineOptions = {}): tf.Tensor2D {
  checkOptionNames('combineStreams', options, ['combine', 'normalize']);
  checkShapes('combineStreams', { global: [global, 'B C'], local: [local, 'B C'] });
  const { combine = 'mean', normalize = true } = options;
  checkChoice('combineStreams', 'options.combine', combine, ['mean', 'sum', 'global', 'local']);
  checkFlag('combineStreams', 'options.normalize', normalize);
  if (global.size === 0) return zerosBehind(global.shape, global, local);
  const scaled = (stream: tf.Tensor2D): tf.Tensor2D =>
    normalize ? (l2Normalize(stream) as tf.Tensor2D) : tf.clone(stream);
  return tf.tidy(() => {
    if (combine === 'global') return scaled(global);
    if (combine === 'local') return scaled(local);
    const sum = tf.add<tf.Tensor2D>(scaled(local), scaled(global));
    return combine === 'sum' ? sum : tf.mul<tf.Tensor2D>(sum, 0.5);
  });
}

/**
 * How alike each patch is to each label: column c, as rows and columns of patches, is a map of the evidence for label c.
 *
 * @returns [B, N, C]
 * @throws ShapeError
 */
export function localEvidence(image: ImageEmbeddings, labels: tf.Tensor2D): tf.Tensor3D {
  const { B, N, C, D } = checkImage('localEvidence', image, labels);
  if (B * N * C * D === 0) return zerosBehind([B, N, C], image.patches, labels);
  return tf.tidy(() => {
    const rows = tf.matMul(tf.reshape<tf.Rank.R2>(image.patches, [B * N, D]), labels, false, true);
    return tf.reshape(rows, [B, N, C]);
  });
}

function checkImage(where: string, { features, patches }: ImageEmbeddings, labels: tf.Tensor2D) {
  return checkShapes(where, {
    'image.features': [features, 'B D'],
    'image.patches': [patches, 'B N D'],
    labels: [labels, 'C D'],
  });
}
