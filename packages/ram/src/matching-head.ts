import {
  checkCount,
  checkLabelTensor,
  checkNumber,
  checkOptionNames,
  checkShapes,
  l2Normalize,
  Module,
  Parameter,
  withoutGradient,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { sinkhorn } from './sinkhorn.ts';

/** Options of {@link MatchingHead}. All are above 0, `teacherWeight` can also be 0. */
export interface MatchingHeadOptions {
  /** Initial τ for the whole image. Default 0.01. */
  readonly temperature?: number;
  /** Initial τ_local for its places. Default 0.002. */
  readonly localTemperature?: number;
  /** Factor of the cosines in the transport cost. Default 100. */
  readonly logitScale?: number;
  /** ε, entropy regularisation of the optimal transport. Default 0.1. */
  readonly regularization?: number;
  /** Weight of the teacher's part of the cost. It is also added to ε. Default 0.05. */
  readonly teacherWeight?: number;
  /** Temperature of the softmax that gives each place its mass, by the similarity to its best class. Default 0.1. */
  readonly weightTemperature?: number;
  /** Factor that sharpens the teacher's distribution over places. Default 20. */
  readonly teacherSharpness?: number;
}

/** Images and their places in the common space of images and texts. Axes: B images, N places, D features. */
export type ImageTokens = {
  /** [B, D] */
  readonly features: tf.Tensor2D;
  /** [B, N, D] */
  readonly patches: tf.Tensor3D;
};

/** The output of a frozen CLIP, the teacher, for the same images. */
export interface Teaching {
  /** [B, N, D] places in the teacher. */
  readonly patches: tf.Tensor3D;
  /** [C, D] text embeddings of the teacher. */
  readonly texts: tf.Tensor2D;
  /** [B, C] 1 present, 0 absent. */
  readonly labels: tf.Tensor2D;
}

/** Logits of the given classes. Axes: B images, C classes. */
export type Matches = {
  /** [B, C] from the whole image. */
  readonly global: tf.Tensor2D;
  /** [B, C] from its places, weighted by the transport plan of the class. */
  readonly local: tf.Tensor2D;
};

/**
 * RAM's matching head. It compares whole images with classes by cosines, and places with classes by optimal transport.
 *
 *     global = cos(g, t) / τ;  sim = cos(l, t);  cost = 1 − softmax over classes of (logitScale · sim)
 *     local = Σ_n plan · sim / τ_local
 *
 * The mass of a place grows with its similarity to its best class. All classes have the same mass. In training, a
 * teacher lowers the cost of places where it finds a class. The plan gets no gradient.
 *
 * State names: `temperature` [1], `temperature_local` [1].
 *
 * Source: Tan et al. (RAM), CVPR 2025, and their code.
 */
export class MatchingHead extends Module {
  readonly temperature: Parameter;
  readonly temperature_local: Parameter;
  readonly #options: Required<MatchingHeadOptions>;

  /** @throws OptionError */
  constructor(options: MatchingHeadOptions = {}) {
    super();
    const defaults = {
      ...{ temperature: 0.01, localTemperature: 0.002, logitScale: 100, regularization: 0.1, teacherWeight: 0.05 },
      ...{ weightTemperature: 0.1, teacherSharpness: 20 },
    };
    checkOptionNames('MatchingHead', options, Object.keys(defaults));
    this.#options = { ...defaults, ...options };
    for (const [name, value] of Object.entries(this.#options)) {
      checkNumber('MatchingHead', `options.${name}`, value, name === 'teacherWeight' ? { min: 0 } : { above: 0 });
    }
    this.temperature = new Parameter(tf.tensor1d([this.#options.temperature]));
    this.temperature_local = new Parameter(tf.tensor1d([this.#options.localTemperature]));
  }

  /** Logits of classes. @param texts [C, D] class embeddings @throws ShapeError; OptionError for N = 0 */
  forward({ features, patches }: ImageTokens, texts: tf.Tensor2D, teaching?: Teaching): Matches {
    const { B, N, C } = checkShapes('MatchingHead.forward', {
      'image.features': [features, 'B D'],
      'image.patches': [patches, 'B N D'],
      texts: [texts, 'C D'],
    });
    checkCount('MatchingHead.forward', 'places of an image', N);
    if (teaching) checkTeaching(teaching, { image: patches, classes: texts });
    // Some engines fail on empty tensors.
    if (B === 0 || C === 0) {
      const nothing = (): tf.Tensor2D => zerosBehind([B, C], features, patches, texts);
      return { global: nothing(), local: nothing() };
    }
    return tf.tidy(() => {
      const classes = l2Normalize(texts) as tf.Tensor2D;
      const global = tf.matMul(l2Normalize(features) as tf.Tensor2D, classes, false, true);
      const similar = similarities(patches, classes);
      const plan = withoutGradient(() => tf.clone(this.#plan(similar, teaching)));
      return {
        global: tf.div<tf.Tensor2D>(global, this.temperature.variable),
        local: tf.div<tf.Tensor2D>(tf.sum(tf.mul(plan, similar), 1), this.temperature_local.variable),
      };
    });
  }

  /** The transport plan, [B, N, C]. */
  #plan(similar: tf.Tensor3D, teaching: Teaching | undefined): tf.Tensor3D {
    const { logitScale, regularization, teacherWeight, weightTemperature } = this.#options;
    const [B, , C] = similar.shape;
    const rows = tf.softmax(tf.div(tf.max<tf.Tensor2D>(similar, 2), weightTemperature)) as tf.Tensor2D;
    const columns = tf.fill<tf.Rank.R2>([B, C], 1 / C);
    const cost = tf.sub<tf.Tensor3D>(1, tf.softmax(tf.mul(similar, logitScale)));
    if (!teaching) return sinkhorn(rows, columns, cost, { regularization });
    const taught = tf.sub<tf.Tensor3D>(cost, tf.mul(tf.log(this.#shares(teaching)), teacherWeight));
    return sinkhorn(rows, columns, taught, { regularization: regularization + teacherWeight });
  }

  /**
   * The teacher's distribution of each class over the places, [B, N, C]. Absent classes get the smallest value of all.
   */
  #shares({ patches, texts, labels }: Teaching): tf.Tensor3D {
    const { logitScale, teacherSharpness } = this.#options;
    const similar = similarities(patches, l2Normalize(texts) as tf.Tensor2D);
    const likely = tf.mul(tf.softmax(tf.mul(similar, logitScale)), teacherSharpness);
    // `softmax` works on the last axis, so places are moved there.
    const shares = tf.transpose(tf.softmax(tf.transpose(likely, [0, 2, 1])), [0, 2, 1]);
    const isPresent = tf.cast(tf.tile(tf.expandDims(labels, 1), [1, patches.shape[1], 1]), 'bool');
    return tf.where(isPresent, shares, tf.mul(tf.onesLike(shares), tf.min(shares))) as tf.Tensor3D;
  }
}

function checkTeaching(
  { patches, texts, labels }: Teaching,
  { image, classes }: { readonly image: tf.Tensor3D; readonly classes: tf.Tensor2D },
): void {
  const where = 'MatchingHead.forward';
  checkShapes(where, {
    'image.patches': [image, 'B N *'],
    texts: [classes, 'C *'],
    'teaching.patches': [patches, 'B N E'],
    'teaching.texts': [texts, 'C E'],
    'teaching.labels': [labels, 'B C'],
  });
  checkLabelTensor(where, 'teaching.labels', labels);
}

/** Scores [B, C]: the mean of both softmaxes over the given classes. @throws ShapeError */
export function matchScores({ global, local }: Matches): tf.Tensor2D {
  checkShapes('matchScores', { global: [global, 'B C'], local: [local, 'B C'] });
  if (global.size === 0) return tf.zeros(global.shape);
  return tf.tidy(() => tf.mul<tf.Tensor2D>(tf.add(tf.softmax(global), tf.softmax(local)), 0.5));
}

/** Cosines [B, N, C]. @param classes [C, D] unit vectors */
function similarities(patches: tf.Tensor3D, classes: tf.Tensor2D): tf.Tensor3D {
  const [B, N, D] = patches.shape;
  const unit = tf.reshape<tf.Rank.R2>(l2Normalize(patches), [B * N, D]);
  return tf.reshape(tf.matMul(unit, classes, false, true), [B, N, classes.shape[0]]);
}
