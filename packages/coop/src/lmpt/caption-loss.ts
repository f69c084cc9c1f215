import {
  checkChoice,
  checkCount,
  checkLabelTensor,
  checkNumber,
  checkOptionNames,
  checkShapes,
  OptionError,
  zerosBehind,
} from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';

/** Options of {@link captionLoss}. */
export interface CaptionLossOptions {
  /** m: token t of a caption is compared with token t + m of a prompt. Default 2. */
  readonly shift?: number;
  /** Margin of absent classes. Default 0.2. */
  readonly margin?: number;
  /**
   * `paper` (default): the distance to the caption is the loss of a present class. `code`: as in the authors' code,
   * which has the opposite sign.
   */
  readonly reading?: 'paper' | 'code';
  /**
   * n_c ≥ 1 of each class. Rare classes then have a larger weight and a wider margin. Default: all classes are equal.
   */
  readonly classCounts?: readonly number[];
  /** γ, exponent of n_c in the weights. Default 2. */
  readonly gamma?: number;
}

/**
 * The distance of captions and prompts at each token: δ = 1 − cos(a_t, b_{t+m}), [B, C, L − m].
 *
 * @param captions [B, L, W] a, the token embeddings of the captions
 * @param prompts [C, L, W] b, the token embeddings of the prompts, without positions
 * @param shift m, from 0 to L − 1
 * @throws ShapeError, OptionError
 */
export function captionDistance(captions: tf.Tensor3D, prompts: tf.Tensor3D, shift: number): tf.Tensor3D {
  const { B, C, L, W } = checkShapes('captionDistance', { captions: [captions, 'B L W'], prompts: [prompts, 'C L W'] });
  checkCount('captionDistance', 'shift', shift, { min: 0, max: L - 1 });
  return tf.tidy(() => {
    const T = L - shift;
    // Tokens first, so that there is one matrix multiplication for each token.
    const byToken = (x: tf.Tensor3D, from: number): tf.Tensor3D =>
      tf.transpose(tf.slice(x, [0, from, 0], [x.shape[0], T, W]), [1, 0, 2]);
    const [a, b] = [byToken(captions, 0), byToken(prompts, shift)];
    const squares = (x: tf.Tensor3D): tf.Tensor => tf.sum(tf.square(x), 2);
    const norms = tf.mul(tf.reshape(squares(a), [T, B, 1]), tf.reshape(squares(b), [T, 1, C]));
    // The smallest product of norms is that of PyTorch's `cosine_similarity`.
    const cosines = tf.div(tf.matMul(a, b, false, true), tf.sqrt(tf.maximum(norms, 1e-16)));
    return tf.transpose(tf.sub<tf.Tensor3D>(1, cosines), [1, 2, 0]);
  });
}

/**
 * LMPT's caption loss: pulls the prompt of a class towards the captions of images that show it, and away from the
 * captions of other images.
 *
 *     Δ_bc = Σ_t δ_bct
 *     paper: ω_c · Δ if the class is present, ω_c · max(0, γ_c − Δ) if it is absent
 *     code:  ω_c · max(0, γ_c − Δ) if it is present, ω_c · max(0, γ_c + Δ) if it is absent
 *     with class counts: ω_c = n_c^{−γ} / Σ n^{−γ},  γ_c = margin / n_c^{1/4}; without: ω_c = 1, γ_c = margin
 *
 * @param captions [B, L, W] see {@link captionDistance}
 * @param prompts [C, L, W] see {@link captionDistance}
 * @param labels [B, C] 1 present, 0 absent
 * @returns a scalar, the mean over images and classes; prompts and captions get a gradient
 * @throws ShapeError, OptionError; DataError for labels other than 0 and 1
 *
 * Edge cases: without images or classes the loss is 0.
 *
 * Source: Xia et al. (LMPT), ALVR 2024, and their code. The class-aware variant of the code does not run; here it
 * follows the paper.
 */
export function captionLoss(
  captions: tf.Tensor3D,
  prompts: tf.Tensor3D,
  labels: tf.Tensor2D,
  options: CaptionLossOptions = {},
): tf.Scalar {
  const where = 'captionLoss';
  checkOptionNames(where, options, ['shift', 'margin', 'reading', 'classCounts', 'gamma']);
  const { shift = 2, margin = 0.2, reading = 'paper', classCounts, gamma = 2 } = options;
  checkNumber(where, 'options.margin', margin, { min: 0 });
  checkNumber(where, 'options.gamma', gamma, { min: 0 });
  checkChoice(where, 'options.reading', reading, ['paper', 'code']);
  const { B, C } = checkShapes(where, {
    captions: [captions, 'B L W'],
    prompts: [prompts, 'C L W'],
    labels: [labels, 'B C'],
  });
  checkLabelTensor(where, 'labels', labels);
  const byCount = countedMargins(where, C, { margin, gamma, classCounts });
  // Without images or classes the loss is 0, with gradients of 0.
  if (B === 0 || C === 0) return zerosBehind<tf.Rank.R0>([], captions, prompts);
  return tf.tidy(() => {
    const weights = tf.tensor1d(byCount.weights);
    const margins = tf.tensor1d(byCount.margins);
    const distance = tf.sum<tf.Tensor2D>(captionDistance(captions, prompts, shift), 2);
    const isPresent = tf.cast(labels, 'bool');
    const [near, far] =
      reading === 'paper'
        ? [distance, tf.relu(tf.sub(margins, distance))]
        : [tf.relu(tf.sub(margins, distance)), tf.relu(tf.add(margins, distance))];
    const entries = tf.mul(weights, tf.where(isPresent, near, far));
    return tf.mean<tf.Scalar>(entries);
  });
}

function countedMargins(
  where: string,
  C: number,
  { margin, gamma, classCounts }: { margin: number; gamma: number; classCounts: readonly number[] | undefined },
): { readonly weights: number[]; readonly margins: number[] } {
  const all = (value: number): number[] => new Array<number>(C).fill(value);
  if (classCounts === undefined) return { weights: all(1), margins: all(margin) };
  if (!Array.isArray(classCounts) || classCounts.length !== C) {
    const [expected, received] = [`C = ${C} counts`, `${(classCounts as ArrayLike<number>)?.length ?? classCounts}`];
    throw new OptionError({ where, argument: 'options.classCounts', expected, received });
  }
  for (const [c, n] of classCounts.entries()) checkNumber(where, `options.classCounts[${c}]`, n, { min: 1 });
  const raw = classCounts.map((n) => n ** -gamma);
  const total = raw.reduce((sum, value) => sum + value, 0);
  return { weights: raw.map((value) => value / total), margins: classCounts.map((n) => margin / n ** 0.25) };
}
