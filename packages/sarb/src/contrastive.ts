import {
  checkChoice,
  checkCount,
  checkLabelTensor,
  checkOptionNames,
  checkShapes,
  checkWholeTensor,
  OptionError,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Smallest product of two norms in the denominator of a cosine. Source: the released code. */
const leastNorms = 1e-9;

/** Options of {@link contrastiveLoss}. */
export interface ContrastiveOptions {
  /**
   * Which pairs count. A pair is two images and one class.
   *
   * - `known`: pairs with two known labels.
   * - `all`: all pairs, as in the paper's equation. An unknown label counts as absent.
   * - a tensor [C·B·(B − 1)/2]: `known` with sampled negatives, as in the released code. The tensor is {@link
   *   pairPlaces} in random order; pairs are sampled in this order.
   *
   * Let P be the number of pairs of two positives. Sampling keeps the first 2P pairs of two negatives, and counts the P
   * most similar ones once more. It treats the pairs of a positive and a negative in the same way. If P is 0, all pairs
   * count.
   */
  readonly pairs: 'known' | 'all' | tf.Tensor1D;
  /** `mean` divides by the number of pairs that count. Default `mean`. */
  readonly reduction?: 'mean' | 'sum';
}

/** All pairs, as one matrix over the images n and m for each class. Only entries with n < m count. */
export type ContrastivePairs = {
  /** [C, B, B] cos(f_n, f_m). */
  readonly cosine: tf.Tensor3D;
  /** [C, B, B] −1 if the two should be similar (loss 1 − cos), 1 if not (loss 1 + cos). */
  readonly sign: tf.Tensor3D;
  /** [C, B, B] how often a pair counts. */
  readonly weight: tf.Tensor3D;
  /** Numbers of pairs before sampling, scalars. */
  readonly counts: { readonly positive: tf.Scalar; readonly mixed: tf.Scalar; readonly negative: tf.Scalar };
};

/**
 * Contrastive loss on class features. Two images that both show a class should have similar features for it. In all
 * other pairs of images the features should differ.
 *
 *     1 − cos(f_n, f_m) if both images show the class, else 1 + cos(f_n, f_m)
 *
 * @param features [B, C, D]; the only input with a gradient
 * @param labels [B, C] 1 present, 0 absent
 * @param known [B, C] 1 known, 0 unknown
 * @returns a scalar, in [0, 2] for `mean`
 * @throws ShapeError, OptionError; DataError for labels other than 0 and 1, and for an order with other places
 *
 * Edge cases: without pairs, as in an empty batch, the loss is 0 (NaN in the released code). No gradient flows if the
 * product of two norms is below 1e-9, because the gradient of the formula would be about 1e9.
 *
 * Source: Pu et al. (SARB, AAAI 2022), equation 4, and their code.
 */
export function contrastiveLoss(
  features: tf.Tensor3D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D,
  options: ContrastiveOptions,
): tf.Scalar {
  checkOptionNames('contrastiveLoss', options, ['pairs', 'reduction']);
  const { pairs, reduction = 'mean' } = options;
  checkChoice('contrastiveLoss', 'options.reduction', reduction, ['mean', 'sum']);
  checkBatch('contrastiveLoss', features, labels, known);
  checkPairs('contrastiveLoss', pairs, labels.shape);
  const loss = tf.customGrad((x, save) => {
    // Engines disagree on the sum of an empty tensor.
    if (features.size === 0) return { value: tf.scalar(0), gradFunc: () => [tf.zeros(features.shape)] };
    const cosines = classCosines(x as tf.Tensor3D);
    const { sign, weight } = selectPairs(cosines.cosine, labels, known, pairs);
    const scale = reduction === 'mean' ? tf.div(1, tf.maximum(tf.sum(weight), 1)) : tf.scalar(1);
    const terms = tf.mul(weight, tf.add(tf.mul(sign, cosines.cosine), 1));
    (save as tf.GradSaveFunc)([featureGradient(cosines, tf.mul(tf.mul(weight, sign), scale))]);
    return {
      value: tf.mul(tf.sum(terms), scale),
      gradFunc: (dy: tf.Tensor, [gradient]: tf.Tensor[]) => [tf.mul(gradient, dy)],
    };
  });
  return loss(features) as tf.Scalar;
}

/** The pairs that {@link contrastiveLoss} sums over, for inspection. No gradient flows. */
export function contrastivePairs(
  features: tf.Tensor3D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D,
  options: Pick<ContrastiveOptions, 'pairs'>,
): ContrastivePairs {
  checkOptionNames('contrastivePairs', options, ['pairs']);
  const { pairs } = options;
  checkBatch('contrastivePairs', features, labels, known);
  checkPairs('contrastivePairs', pairs, labels.shape);
  const [B, C] = labels.shape;
  // Some engines fail on empty tensors.
  if (features.size === 0) {
    const [cosine, sign, weight] = [0, 1, 0].map((value) => tf.fill<tf.Rank.R3>([C, B, B], value));
    const none = (): tf.Scalar => tf.scalar(0);
    return { cosine, sign, weight, counts: { positive: none(), mixed: none(), negative: none() } };
  }
  return tf.tidy(() => {
    const { cosine } = classCosines(features);
    return { cosine, ...selectPairs(cosine, labels, known, pairs) };
  });
}

/**
 * The indices of all pairs n < m in a flattened [C, B, B], in order of the pair, then of the class. Shuffle them and
 * pass them as {@link ContrastiveOptions.pairs} to sample negatives.
 *
 * @throws OptionError
 */
export function pairPlaces(images: number, classes: number): Int32Array {
  checkCount('pairPlaces', 'images', images, { min: 0 });
  checkCount('pairPlaces', 'classes', classes, { min: 0 });
  const places = new Int32Array((classes * images * (images - 1)) / 2);
  let i = 0;
  for (let n = 0; n < images; n++) {
    for (let m = n + 1; m < images; m++) for (let c = 0; c < classes; c++) places[i++] = (c * images + n) * images + m;
  }
  return places;
}

interface ClassCosines {
  /** [C, B, D] */
  readonly rows: tf.Tensor3D;
  /** [C, B, B] */
  readonly cosine: tf.Tensor3D;
  /** [C, B, B] 1 / (|f_n|·|f_m|), or 0 if that is above 1e9. */
  readonly scale: tf.Tensor3D;
  /** [C, B, 1] 1 / |f_n|², or 0 if the norm is 0. */
  readonly inverseSquare: tf.Tensor3D;
}

function classCosines(features: tf.Tensor3D): ClassCosines {
  const rows = tf.transpose(features, [1, 0, 2]);
  const squares = tf.sum<tf.Tensor3D>(tf.square(rows), 2, true);
  const norms = tf.sqrt(squares);
  const products = tf.mul(norms, tf.transpose(norms, [0, 2, 1]));
  const sound = tf.cast(tf.greaterEqual(products, leastNorms), 'float32');
  const inverse = tf.div<tf.Tensor3D>(1, tf.maximum(products, leastNorms));
  const positive = tf.cast(tf.greater(squares, 0), 'float32');
  return {
    rows,
    cosine: tf.mul(tf.matMul(rows, rows, false, true), inverse),
    scale: tf.mul(inverse, sound),
    inverseSquare: tf.divNoNan(positive, squares) as tf.Tensor3D,
  };
}

/**
 * The gradient of the features [B, C, D] from the gradient of the cosines [C, B, B]:
 * ∂cos/∂f_n = f_m / (|f_n|·|f_m|) − cos·f_n / |f_n|².
 */
function featureGradient({ rows, cosine, scale, inverseSquare }: ClassCosines, byCosine: tf.Tensor): tf.Tensor {
  const both = tf.add(byCosine, tf.transpose(byCosine, [0, 2, 1]));
  const towards = tf.matMul(tf.mul<tf.Tensor3D>(both, scale), rows);
  const sound = tf.sign(scale);
  const along = tf.mul(tf.sum(tf.mul(tf.mul(both, sound), cosine), 2, true), inverseSquare);
  return tf.transpose(tf.sub(towards, tf.mul(rows, along)), [1, 0, 2]);
}

function selectPairs(
  cosine: tf.Tensor3D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D,
  pairs: ContrastiveOptions['pairs'],
): Omit<ContrastivePairs, 'cosine'> {
  const [B, C] = labels.shape;
  const certain = tf.transpose(tf.cast(known, 'float32'));
  const positive = tf.mul<tf.Tensor2D>(tf.transpose(tf.cast(labels, 'float32')), certain);
  const negative = tf.sub<tf.Tensor2D>(certain, positive);
  const upper = upperTriangle(B);
  /** [C, B, B] 1 if image n is in the set `a` and image m in the set `b`. */
  const pairsOf = (a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor3D =>
    tf.mul(tf.mul<tf.Tensor3D>(tf.expandDims(a, 2), tf.expandDims(b, 1)), upper);
  const alike = pairsOf(positive, positive);
  const mixed = tf.add<tf.Tensor3D>(pairsOf(positive, negative), pairsOf(negative, positive));
  const absent = pairsOf(negative, negative);
  const counts = {
    positive: tf.sum(alike),
    mixed: tf.sum(mixed),
    negative: tf.sum(absent),
  } as ContrastivePairs['counts'];
  const sign = tf.sub<tf.Tensor3D>(1, tf.mul(alike, 2));
  if (pairs === 'all') return { sign, counts, weight: tf.mul(tf.ones([C, B, B]), upper) };
  const negatives = tf.add<tf.Tensor3D>(mixed, absent);
  if (pairs === 'known') return { sign, counts, weight: tf.add(alike, negatives) };
  // Some engines fail on empty tensors.
  if (B < 2) return { sign, counts, weight: alike };
  const order = tf.cast(pairs, 'int32');
  const sampled = tf.add(
    ...([absent, mixed].map((kind) => sample(kind, cosine, order, counts.positive)) as [tf.Tensor, tf.Tensor]),
  );
  const some = tf.cast(tf.greater(counts.positive, 0), 'float32');
  return { sign, counts, weight: tf.add(alike, tf.add(tf.mul(sampled, some), tf.mul(negatives, tf.sub(1, some)))) };
}

function checkBatch(where: string, features: tf.Tensor3D, labels: tf.Tensor2D, known: tf.Tensor2D): void {
  checkShapes(where, { features: [features, 'B C D'], labels: [labels, 'B C'], known: [known, 'B C'] });
  checkLabelTensor(where, 'labels', labels);
  checkLabelTensor(where, 'known', known);
}

function checkPairs(where: string, pairs: unknown, [B, C]: readonly number[]): void {
  if (pairs === 'known' || pairs === 'all') return;
  if (pairs instanceof tf.Tensor) {
    checkShapes(where, { 'options.pairs': [pairs, `${(C * B * (B - 1)) / 2}`] });
    checkWholeTensor(where, 'options.pairs', pairs, 0, C * B * B - 1);
    return;
  }
  const expected = "'known', 'all' or the order of the pairs as a tensor";
  throw new OptionError({ where, argument: 'options.pairs', expected, received: `${pairs}` });
}

/** [C, B, B] how often each pair of a kind is sampled: the first 2P in order, and the P most similar once more. */
function sample(kind: tf.Tensor3D, cosine: tf.Tensor3D, order: tf.Tensor1D, P: tf.Scalar): tf.Tensor3D {
  const inOrder = <T extends tf.Tensor>(x: T): tf.Tensor1D => tf.gather(tf.reshape(x, [-1]), order);
  const member = inOrder(kind);
  const first = tf.mul(member, tf.cast(tf.lessEqual(tf.cumsum(member), tf.mul(P, 2)), 'float32'));
  // A cosine is at least −1, so members get at least 1 and all others −2: members sort first.
  const similarity = tf.sub(tf.mul(member, tf.add(inOrder(cosine), 4)), 2);
  const { indices } = tf.topk(similarity, similarity.size);
  const ranked = tf.gather(member, indices);
  const hardest = tf.mul(ranked, tf.cast(tf.lessEqual(tf.cumsum(ranked), P), 'float32'));
  const places = tf.concat([order, tf.gather(order, indices)]);
  const { size } = kind;
  return tf.reshape(tf.scatterND(tf.expandDims(places, 1), tf.concat([first, hardest]), [size]), kind.shape);
}

/** [1, B, B] 1 if n < m, else 0. */
function upperTriangle(B: number): tf.Tensor3D {
  const values = Float32Array.from({ length: B * B }, (_, i) => Number(Math.floor(i / B) < i % B));
  return tf.tensor3d(values, [1, B, B]);
}
