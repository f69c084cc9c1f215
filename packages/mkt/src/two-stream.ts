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

/** Images in the space of the label embeddings. Axes: B images, N patches, D features. */
export type ImageEmbeddings = {
  /** [B, D] the whole image. */
  readonly features: tf.Tensor2D;
  /** [B, N, D] its patches. */
  readonly patches: tf.Tensor3D;
};

/** Similarities of images and labels, not normalised. Axes: B images, C classes. */
export type Streams = {
  /** [B, C] similarity of the whole image to the label. */
  readonly global: tf.Tensor2D;
  /** [B, C] mean similarity of the k patches that are most similar to the label. */
  readonly local: tf.Tensor2D;
};

/** Options of {@link labelStreams}. */
export interface StreamOptions {
  /** k, the number of patches that count for a label. Default 18: paper. The authors' training scripts use 16. */
  readonly topK?: number;
  /**
   * How many labels to process at once, at B·N numbers of memory each. Default: all. Scores do not depend on it. Set it
   * for thousands of labels, when no gradient is needed.
   */
  readonly labelsAtOnce?: number;
}

/** Options of {@link combineStreams}. */
export interface CombineOptions {
  /**
   * How the streams give a score. Default `mean`.
   *
   * - `mean`: their mean, as in the authors' code.
   * - `sum`: their sum, as in the paper. The ranking is the same, but the loss gets scores twice as large.
   * - `global` or `local`: one stream alone.
   */
  readonly combine?: 'mean' | 'sum' | 'global' | 'local';
  /** Whether each stream is scaled to length 1 over the classes of an image. Default true: authors' code. */
  readonly normalize?: boolean;
}

/**
 * The two similarities of each image to each label: by the whole image, and by its best patches.
 *
 * @param labels [C, D] label embeddings
 * @throws ShapeError, OptionError
 *
 * Source: He et al. (MKT), AAAI 2023, equations 1 to 3.
 */
export function labelStreams(image: ImageEmbeddings, labels: tf.Tensor2D, options: StreamOptions = {}): Streams {
  checkOptionNames('labelStreams', options, ['topK', 'labelsAtOnce']);
  const { B, N, C, D } = checkImage('labelStreams', image, labels);
  const { topK = 18, labelsAtOnce = C } = options;
  checkCount('labelStreams', 'options.topK', topK);
  if (options.labelsAtOnce !== undefined) checkCount('labelStreams', 'options.labelsAtOnce', labelsAtOnce);
  checkPatches('labelStreams', 'image.patches', N);
  // Some engines fail on empty tensors.
  if (B * C * D === 0) {
    const { features, patches } = image;
    return { global: zerosBehind([B, C], features, labels), local: zerosBehind([B, C], patches, labels) };
  }
  return tf.tidy(() => {
    const places = tf.reshape<tf.Rank.R2>(image.patches, [B * N, D]);
    // One matrix multiplication for the patches of all images: [C, D] · [D, B·N].
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
 * Combines the two streams to scores. Scores rank labels; they are not probabilities.
 *
 * A stream is normalised over its classes. To score a subset of the labels, combine the columns of that subset only.
 *
 * Edge cases: a stream of zeros stays zero (NaN in the authors' code). With a single class each stream is −1 or 1.
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
 * The similarity of each patch to each label. Column c, reshaped to rows and columns of patches, shows where label c
 * is.
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
