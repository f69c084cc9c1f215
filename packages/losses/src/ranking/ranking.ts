import { checkChoice, checkNumber, checkOptionNames } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  checkLossArguments,
  computeLoss,
  knownLogits,
  type LossTensors,
  type MaskedLossOptions,
} from '../core/checks.ts';
import { type LossForms, type Rows, rowLoss } from '../core/closed-form.ts';
import { findLossKernel, type KernelPass } from '../core/loss-kernel.ts';
import type { ReducedRows, Reduction } from '../core/reduction.ts';

/** Options of {@link rankingLoss}. */
export interface RankingLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** How far a positive should score above a negative, > 0, in units of the logits; default 1: MKT. */
  readonly margin?: number;
  /**
   * `violationMean`, the default: the hinges of an image are divided by V, the number of pairs that violate the margin
   * (code of MKT and of BiAM). `sum`: they are added (equation 4 of MKT, together with `reduction: 'sum'`).
   */
  readonly pairs?: 'violationMean' | 'sum';
}

/**
 * Pairwise ranking loss: a hinge for every pair of a positive p and a negative n of an image.
 *
 *     h(p, n) = max(0, margin + x_n − x_p),  ℓ = Σ h / V,  V = #{(p, n): h > 0}
 *
 * Axes: B images, C classes.
 *
 * @param logits [B, C] scores
 * @param labels [B, C] 1 positive, 0 negative
 * @param options.known [B, C] 1 known, 0 not; an unknown class is in no pair
 * @returns a scalar, or [B] for `reduction: 'none'`; `mean` divides by B, counting images without a pair
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 *
 * Cost: it sorts instead of listing pairs, so time is B·C·log C and memory B·C. As tensor ops it sorts all classes,
 * which is fast on a GPU and slow on a CPU. On a CPU the host or a kernel sorts only the positives; a compiled step
 * needs the kernel for that.
 * Gradient: exact, with V constant. A hinge of exactly 0 passes gradient if the image has another violation, as in the
 * authors' code.
 * Edge cases: an image without a positive or without a negative gives 0.
 * Source: He et al. (MKT), AAAI 2023, equation 4, and their code.
 */
export function rankingLoss<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: RankingLossOptions<R> = {},
): ReducedRows<R> {
  const where = 'rankingLoss';
  checkLossArguments(where, logits, labels, options, { own: ['known', 'margin', 'pairs'] });
  const { reduction = 'mean' as R, margin = 1, pairs = 'violationMean' } = options;
  checkNumber(where, 'options.margin', margin, { above: 0 });
  checkChoice(where, 'options.pairs', pairs, ['violationMean', 'sum']);
  const averaged = pairs === 'violationMean';
  return computeLoss({ logits, labels, known: options.known }, (tensors) => {
    const forms: LossForms<tf.Tensor1D> = {
      compose: () => rankingRows(tensors, margin, averaged),
      byKernel: rankingKernel(tensors, margin, averaged),
      onHost: ([byLogit], scale) => rankingPass(tensors, margin, averaged, byLogit, scale),
      // The host sorts only the few positives; the kernels sort all classes.
      mostOnHost: Number.POSITIVE_INFINITY,
    };
    return rowLoss([tensors.logits], forms, { reduction });
  });
}

/** The loss by a kernel of the active engine; undefined if it has none. */
function rankingKernel(
  { logits, labels, known = tf.ones([1, 1]) }: LossTensors,
  margin: number,
  averaged: boolean,
): KernelPass | undefined {
  const kernel = findLossKernel('ltml/RankingLoss');
  if (!kernel) return undefined;
  return (scale) => kernel({ logits, labels, known, scale }, { margin, averaged: Number(averaged) });
}

/**
 * V of {@link rankingLoss}: how many pairs of each image violate the margin.
 *
 * @returns [B]
 * @throws OptionError, ShapeError; DataError on labels other than 0 and 1, see `checkLabelTensor` of `@ltml/tensor`
 */
export function rankingViolations(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: Pick<RankingLossOptions, 'margin' | 'known'> = {},
): tf.Tensor1D {
  const where = 'rankingViolations';
  const { margin = 1, known } = options;
  checkOptionNames(where, options, ['known', 'margin']);
  const { B } = checkLossArguments(where, logits, labels, options, { own: ['known', 'margin'] });
  checkNumber(where, 'options.margin', margin, { above: 0 });
  if (logits.size === 0) return tf.zeros([B]);
  return computeLoss({ logits, labels, known }, (tensors) => {
    const scores = knownLogits(tensors.logits, tensors.known);
    return tf.squeeze(countPairs({ ...tensors, logits: scores }, margin).violations, [1]);
  });
}

/** Σ h of each image, piecewise linear in its logits; divided by V if `averaged`. */
function rankingRows(tensors: LossTensors, margin: number, averaged: boolean): Rows {
  const scores = knownLogits(tensors.logits, tensors.known);
  const { counts, pairs, violations } = countPairs({ ...tensors, logits: scores }, margin);
  const hinges = tf.add<tf.Tensor2D>(tf.sum(tf.mul(counts, scores), 1, true), tf.mul(pairs, margin));
  // V + 1e-8 equals V in float32 for V ≥ 1. Where V is 0 all hinges are 0, and pairs that only touch the margin get no
  // gradient.
  const scale = tf.div<tf.Tensor2D>(tf.minimum(violations, 1), tf.maximum(violations, 1));
  return {
    value: tf.squeeze<tf.Tensor1D>(averaged ? tf.mul(hinges, scale) : hinges, [1]),
    derivatives: [averaged ? tf.mul(counts, scale) : counts],
  };
}

/** Counts of pairs of a positive and a negative. A pair reaches the margin if margin + x_n − x_p ≥ 0. */
interface PairCounts {
  /** [B, C] how many pairs of a class reach the margin, negated for positives: the derivative of Σ h. */
  readonly counts: tf.Tensor2D;
  /** [B, 1] all pairs that reach the margin. */
  readonly pairs: tf.Tensor2D;
  /** [B, 1] V, the pairs that violate it. A pair whose hinge is exactly 0 is not counted. */
  readonly violations: tf.Tensor2D;
}

/**
 * Counts pairs by sorting the classes of an image once. A binary search finds how many scores lie below a class's
 * margin, and running sums tell how many of those are positives or negatives. Searching in the order of the scores is
 * twice as fast as in the order of the classes.
 *
 * Both sides compare x_n + margin with x_p, as the hinge does; x_p − margin could round differently.
 */
function countPairs({ logits, labels: present, known }: LossTensors, margin: number): PairCounts {
  const [B, C] = logits.shape;
  const { values, indices } = tf.topk(tf.neg(logits), C);
  const scores = tf.neg(values);
  const reach = tf.add(scores, margin);
  const order = inOneList(indices, B, C);
  const sorted = (marks: tf.Tensor): tf.Tensor2D =>
    tf.gather(tf.reshape(marks, [-1]) as tf.Tensor, order) as tf.Tensor2D;
  const positive = sorted(known ? tf.mul(present, known) : present);
  const negative = tf.sub<tf.Tensor2D>(known ? sorted(known) : 1, positive);
  // [B, C + 1] how many of the k lowest scores are marked, for every k.
  const running = (marks: tf.Tensor2D): tf.Tensor => {
    const padded = tf.pad(marks, [
      [0, 0],
      [0, 1],
    ]);
    return tf.reshape(tf.cumsum(padded, 1, true), [-1]);
  };
  const upTo = (sums: tf.Tensor, k: tf.Tensor): tf.Tensor => tf.gather(sums, inOneList(k, B, C + 1));
  const positives = running(positive);
  const reached = tf.mul(negative, upTo(positives, tf.searchSorted(scores, reach, 'right')));
  const violated = tf.mul(negative, upTo(positives, tf.searchSorted(scores, reach, 'left')));
  const below = upTo(running(negative), tf.searchSorted(reach, scores, 'left'));
  const above = tf.mul(positive, tf.sub(tf.sum(negative, 1, true), below));
  const counts = tf.reshape<tf.Rank.R1>(tf.sub(reached, above), [B * C]);
  return {
    counts: tf.reshape(tf.scatterND(tf.reshape(order, [-1, 1]), counts, [B * C]), [B, C]),
    pairs: tf.sum(reached, 1, true),
    violations: tf.sum(violated, 1, true),
  };
}

/** Turns positions within rows into positions in the flattened rows. (WASM's gather takes all from the first row.) */
function inOneList(places: tf.Tensor, rows: number, length: number): tf.Tensor2D {
  const starts = Int32Array.from({ length: rows }, (_, row) => row * length);
  return tf.add(places, tf.tensor2d(starts, [rows, 1], 'int32'));
}

/** {@link rankingRows} on the host: the sum of the values, and the derivatives times `scale` in `byLogit`. */
function rankingPass(
  { logits, labels, known }: LossTensors,
  margin: number,
  averaged: boolean,
  byLogit: Float32Array,
  scale: number,
): number {
  const [B, C] = logits.shape;
  const x = logits.dataSync();
  const y = labels.dataSync();
  const mask = known?.dataSync();
  let sum = 0;
  for (let start = 0; start < B * C; start += C) {
    const positives: number[] = [];
    for (let i = start; i < start + C; i++) if (y[i] > 0 && !(mask && mask[i] === 0)) positives.push(i);
    positives.sort((i, j) => x[i] - x[j]);
    const scores = Float32Array.from(positives, (i) => x[i]);
    // How many negatives reach exactly the first k positives, for every k.
    const reaching = new Float64Array(positives.length + 1);
    let violations = 0;
    let hinges = 0;
    for (let i = start; i < start + C; i++) {
      if (y[i] > 0 || (mask && mask[i] === 0)) continue;
      const key = Math.fround(x[i] + margin);
      const reached = countUpTo(scores, key, true);
      reaching[reached]++;
      violations += reached > 0 && scores[reached - 1] === key ? countUpTo(scores, key, false) : reached;
      hinges += reached * key;
      byLogit[i] = reached;
    }
    let above = 0;
    for (let rank = positives.length - 1; rank >= 0; rank--) {
      above += reaching[rank + 1];
      hinges -= above * scores[rank];
      byLogit[positives[rank]] = -above;
    }
    const share = averaged ? (violations > 0 ? 1 / violations : 0) : 1;
    sum += share * hinges;
    for (let i = start; i < start + C; i++) byLogit[i] *= scale * share;
  }
  return sum;
}

/** How many of the ascending scores are below a key; with `included`, below or equal to it. */
function countUpTo(scores: Float32Array, key: number, included: boolean): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle] < key || (included && scores[middle] === key)) low = middle + 1;
    else high = middle;
  }
  return low;
}
