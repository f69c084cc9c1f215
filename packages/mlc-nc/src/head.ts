import {
  checkCount,
  checkFlag,
  checkNumber,
  checkOptionNames,
  checkShapes,
  Dropout,
  Linear,
  Module,
  ModuleBuffer,
  OptionError,
  Parameter,
  type RandomStreams,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { orthonormalBasis, simplexEtf } from './simplex-etf.ts';
import { through, unitVectors } from './unit-vectors.ts';

/** Options of {@link MlcNcHead}. */
export interface MlcNcHeadOptions {
  /** I, channels of the feature maps. */
  readonly features: number;
  /** C ≥ 2, number of classes. */
  readonly classes: number;
  /** D, width of tokens and class features: a multiple of `heads`, at least C. Default 768. */
  readonly width?: number;
  /** P, width of the projected class features. Default 20. */
  readonly projection?: number;
  /** Number of attention heads. Default 8. */
  readonly heads?: number;
  /** Dropout of the attention weights in training. Default 0.1. */
  readonly dropout?: number;
  /** α > 0, factor of positive entries of the class features. Default 1. */
  readonly alpha?: number;
  /** Trains the classifier, as the authors' code does. Default false. */
  readonly trainClassifier?: boolean;
  /** The head draws from the streams `init` and `dropout`. */
  readonly random: RandomStreams;
}

/** The output of {@link MlcNcHead}. (A type, not an interface, because `tf.tidy` does not accept an interface.) */
export type MlcNcOutput = {
  /** [B, C] */
  readonly logits: tf.Tensor2D;
  /** [B, C, D] h, the class features. */
  readonly classFeatures: tf.Tensor3D;
  /** [B, C, P] z, the projected class features, unit vectors. */
  readonly projected: tf.Tensor3D;
  /** [B, heads, C, L] attention of each class to the places of the map. */
  readonly attention: tf.Tensor4D;
};

/**
 * The head of MLC-NC: feature map → one feature per class → logits. The attention queries and the classifier are fixed
 * simplex equiangular tight frames (ETF).
 *
 *     tokens = ReLU(embed(map)),  h_c = attention of query e_c to the tokens
 *     v_c = h_c·W_c + b_c,  z_c = v_c/‖v_c‖,  logits = temperature · [z_1 … z_C]·E
 *
 * Axes: B images, I channels, L = H · W places, C classes, D width, P projection.
 *
 * State names: `embed.…`, `query.…`, `key.…`, `value.…`, `output.…`, `group_weight` [C, D, P], `group_bias` [C, P],
 * `temperature` [1]; `class_vectors` [C, D] and `classifier_etf` [C·P, C].
 *
 * Source: MLC-NC (AAAI 2025) and its code. The code does not save the queries, and trains the classifier.
 */
export class MlcNcHead extends Module {
  readonly embed: Linear;
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
  readonly output: Linear;
  readonly dropout: Dropout;
  readonly group_weight: Parameter;
  readonly group_bias: Parameter;
  readonly temperature: Parameter;
  /** The queries e. Part of the state, because the trained weights fit these queries only. */
  readonly class_vectors: ModuleBuffer;
  readonly classifier_etf: ModuleBuffer | Parameter;
  readonly #heads: number;
  readonly #alpha: number;

  /** @throws OptionError */
  constructor(options: MlcNcHeadOptions) {
    super();
    const where = 'MlcNcHead';
    checkOptionNames(where, options, [
      ...['features', 'classes', 'width', 'projection', 'heads', 'dropout', 'alpha', 'trainClassifier', 'random'],
    ]);
    const { features, classes, width = 768, projection = 20, heads = 8, dropout = 0.1, alpha = 1 } = options;
    const { trainClassifier = false, random } = options;
    for (const [name, count] of Object.entries({ features, classes, width, projection, heads })) {
      checkCount(where, `options.${name}`, count, { min: name === 'classes' ? 2 : 1 });
    }
    checkNumber(where, 'options.alpha', alpha, { above: 0 });
    checkNumber(where, 'options.dropout', dropout, { min: 0, max: 1 });
    checkFlag(where, 'options.trainClassifier', trainClassifier);
    if (width % heads !== 0 || width < classes) {
      const expected = `a multiple of ${heads} heads from C = ${classes} on`;
      throw new OptionError({ where, argument: 'options.width', expected, received: `${width}` });
    }
    const init = random.stream('init');
    const square = () => new Linear({ inFeatures: width, outFeatures: width, random: init });
    this.embed = new Linear({ inFeatures: features, outFeatures: width, random: init });
    [this.query, this.key, this.value, this.output] = [square(), square(), square(), square()];
    this.dropout = new Dropout({ rate: dropout, random: random.stream('dropout') });
    // Fan-in and fan-out as PyTorch's xavier_normal_ computes them for three axes.
    const deviation = Math.sqrt(2 / (width * projection + classes * projection));
    const drawn = Float32Array.from({ length: classes * width * projection }, () => init.normal(0, deviation));
    this.group_weight = new Parameter(tf.tensor3d(drawn, [classes, width, projection]));
    this.group_bias = new Parameter(tf.zeros([classes, projection]));
    this.temperature = new Parameter(tf.ones([1]));
    const frame = (rows: number): tf.Tensor2D => tf.tidy(() => simplexEtf(orthonormalBasis(rows, classes, init)));
    this.class_vectors = new ModuleBuffer(
      tf.tidy(() => tf.transpose(frame(width))),
      'same',
    );
    const classifier = frame(classes * projection);
    this.classifier_etf = trainClassifier ? new Parameter(classifier) : new ModuleBuffer(classifier, 'same');
    this.#heads = heads;
    this.#alpha = alpha;
  }

  /**
   * Logits and every intermediate result.
   *
   * @param places a feature map [B, H, W, I] or tokens [B, L, I]
   * @throws ShapeError; OptionError for L = 0
   */
  forward(places: tf.Tensor): MlcNcOutput {
    const I = this.embed.weight.shape[0];
    if (places.rank === 4) checkShapes('MlcNcHead.forward', { places: [places, `B H W ${I}`] });
    else checkShapes('MlcNcHead.forward', { places: [places, `B L ${I}`] });
    const [B, L] = [places.shape[0], places.shape.slice(1, -1).reduce((product, side) => product * side, 1)];
    checkCount('MlcNcHead.forward', 'places of an image', L);
    return B === 0 ? this.#ofNothing(places, L) : tf.tidy(() => this.#forward(places));
  }

  /** Some engines fail on empty tensors. */
  #ofNothing(places: tf.Tensor, L: number): MlcNcOutput {
    const [C, D, P] = this.group_weight.shape;
    return {
      logits: zerosBehind([0, C], places),
      classFeatures: zerosBehind([0, C, D], places),
      projected: zerosBehind([0, C, P], places),
      attention: zerosBehind([0, this.#heads, C, L], places),
    };
  }

  #forward(places: tf.Tensor): MlcNcOutput {
    const [B, I] = [places.shape[0], this.embed.weight.shape[0]];
    const tokens = tf.relu(this.embed.forward(tf.reshape(places, [B, -1, I])));
    const { attended, attention } = this.#attend(tokens, B);
    const features = this.output.forward(attended) as tf.Tensor3D;
    const classFeatures =
      this.#alpha === 1 ? features : tf.add<tf.Tensor3D>(features, tf.mul(tf.relu(features), this.#alpha - 1));
    const byClass = tf.matMul(tf.transpose(classFeatures, [1, 0, 2]), this.group_weight.variable as tf.Tensor);
    const biased = tf.add(tf.transpose(byClass, [1, 0, 2]), this.group_bias.variable);
    const projected = normalized(biased) as tf.Tensor3D;
    const [, C, P] = projected.shape;
    const joined = tf.reshape<tf.Rank.R2>(projected, [B, C * P]);
    const scores = tf.matMul(joined, this.classifier_etf.variable as tf.Tensor as tf.Tensor2D);
    const logits = tf.mul<tf.Tensor2D>(scores, this.temperature.variable);
    return { logits, classFeatures, projected, attention };
  }

  #attend(tokens: tf.Tensor, B: number): { attended: tf.Tensor; attention: tf.Tensor4D } {
    const [C, D] = this.class_vectors.shape;
    const heads = this.#heads;
    const parted = (x: tf.Tensor): tf.Tensor =>
      tf.transpose(tf.reshape(x, [-1, x.shape[x.rank - 2], heads, D / heads]), [0, 2, 1, 3]);
    const queries = this.query.forward(this.class_vectors.variable as tf.Tensor);
    const q = tf.tile(parted(queries), [B, 1, 1, 1]);
    const scores = tf.mul(tf.matMul(q, parted(this.key.forward(tokens)), false, true), Math.sqrt(heads / D));
    const attention = tf.softmax(scores) as tf.Tensor4D;
    const seen = tf.matMul(this.dropout.forward(attention), parted(this.value.forward(tokens)) as tf.Tensor4D);
    return { attended: tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [B, C, D]), attention };
  }
}

/** L2-normalises the last axis; lengths below 1e-12 count as 1e-12. A zero vector stays zero and has no gradient. */
function normalized(x: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((x, save) => {
    const vectors = unitVectors(x as tf.Tensor);
    (save as tf.GradSaveFunc)([vectors.unit, vectors.length, vectors.any]);
    return {
      value: tf.clone(vectors.unit),
      gradFunc: (dy: tf.Tensor, [unit, length, any]: tf.Tensor[]) => through({ unit, length, any }, dy),
    };
  });
  return op(x);
}
