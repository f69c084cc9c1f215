import * as tf from '@tensorflow/tfjs-core';
import { checkChoice, checkLossArguments, checkNumber, type MaskedLossOptions } from './checks.ts';
import { type LossForms, type Rows, rowLoss } from './closed-form.ts';
import { findLossKernel, type KernelPass } from './loss-kernel.ts';
import type { ReducedRows, Reduction } from './reduction.ts';

export interface RankingLossOptions<R extends Reduction = Reduction> extends MaskedLossOptions<R> {
  /** By how much a positive should score above a negative, > 0; default 1: MKT. */
  readonly margin?: number;
  /**
   * `violationMean`, the default: an image's hinges are divided by the number V of pairs that violate the margin (the
   * code of MKT and of BiAM). `sum`: they are added up (equation 4 of MKT, with `reduction: 'sum'`).
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
 * @param options.known [B, C]; a class that is not annotated takes part in no pair
 * @returns a scalar, or [B] for `reduction: 'none'`; `mean` divides by B, images without a pair counted
 * @throws OptionError, ShapeError; with `checkFinite` also DataError
 *
 * Cost: sorting, not pairs: time B·C·log C and memory B·C. As ops the sort is over all classes, which a GPU does well and
 * a CPU badly: there the host or a kernel sorts the positives alone; a compiled step needs the kernel for that. V is
 * constant for the gradient, which is exact; a hinge of exactly 0 passes gradient on, as the authors' does, if the image
 * has a violation besides.
 * Edge cases: an image without a positive or without a negative gives 0.
 * Source: He et al. (MKT), AAAI 2023, equation 4, and their code.
 */
export function rankingLoss<R extends Reduction = 'mean'>(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: RankingLossOptions<R> = {},
): ReducedRows<R> {
  const where = 'rankingLoss';
  checkLossArguments(where, logits, labels, options, ['known', 'margin', 'pairs']);
  const { reduction = 'mean' as R, margin = 1, pairs = 'violationMean', known } = options;
  checkNumber(where, 'margin', margin, Number.MIN_VALUE);
  checkChoice(where, 'pairs', pairs, ['violationMean', 'sum']);
  const averaged = pairs === 'violationMean';
  const forms: LossForms<tf.Tensor1D> = {
    compose: () => rankingRows(logits, labels, known, margin, averaged),
    byKernel: rankingKernel(logits, labels, known, margin, averaged),
    onHost: ([byLogit], scale) => rankingPass(logits, labels, known, margin, averaged, byLogit, scale),
    // The host sorts the few positives only; the kernels sort all classes.
    mostOnHost: Number.POSITIVE_INFINITY,
  };
  return rowLoss([logits], forms, { reduction });
}

/** The loss by a kernel of the active engine, undefined where it has none. */
function rankingKernel(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D | undefined,
  margin: number,
  averaged: boolean,
): KernelPass | undefined {
  const kernel = findLossKernel('ltml/RankingLoss');
  if (!kernel) return undefined;
  return (scale) => {
    const inputs = {
      logits,
      labels: tf.cast(labels, 'float32'),
      known: known ? tf.cast(known, 'float32') : tf.ones([1, 1]),
      scale,
    };
    return kernel(inputs, { margin, averaged: Number(averaged) });
  };
}

/**
 * V, the number of pairs of each image that violate the margin.
 *
 * @returns [B]
 * @throws OptionError, ShapeError
 */
export function rankingViolations(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  options: Pick<RankingLossOptions, 'margin' | 'known'> = {},
): tf.Tensor1D {
  checkLossArguments('rankingViolations', logits, labels, options, ['known', 'margin']);
  const { margin = 1, known } = options;
  checkNumber('rankingViolations', 'margin', margin, Number.MIN_VALUE);
  return tf.tidy(() => tf.squeeze(countPairs(logits, labels, known, margin).violations, [1]));
}

/** Σ h of each image, piecewise linear in its logits, over V if `averaged`. */
function rankingRows(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D | undefined,
  margin: number,
  averaged: boolean,
): Rows {
  const { counts, pairs, violations } = countPairs(logits, labels, known, margin);
  const hinges = tf.add<tf.Tensor2D>(tf.sum(tf.mul(counts, logits), 1, true), tf.mul(pairs, margin));
  // V + 1e-8 is V in float32. Where V is 0 so are the hinges, and nothing flows through pairs that only touch the margin.
  const scale = tf.div<tf.Tensor2D>(tf.minimum(violations, 1), tf.maximum(violations, 1));
  return {
    value: tf.squeeze<tf.Tensor1D>(averaged ? tf.mul(hinges, scale) : hinges, [1]),
    derivatives: [averaged ? tf.mul(counts, scale) : counts],
  };
}

/** Pairs of a positive and a negative, counted; the margin is reached where margin + x_n − x_p ≥ 0. */
interface PairCounts {
  /** [B, C] the pairs a class is in that reach the margin: + for a negative, − for a positive. The derivative of Σ h. */
  readonly counts: tf.Tensor2D;
  /** [B, 1] all pairs that reach the margin. */
  readonly pairs: tf.Tensor2D;
  /** [B, 1] V, the pairs that violate it: those of a hinge of exactly 0 are not among them. */
  readonly violations: tf.Tensor2D;
}

/**
 * Counts pairs by sorting the classes of an image once: a class finds by binary search how many scores lie below the margin,
 * and running sums tell how many of those are positives, or negatives. Searches go in the order of the scores, which is
 * twice as fast as in that of the classes.
 *
 * Both sides compare x_n + margin with x_p, as the hinge does: x_p − margin would round to another side.
 */
function countPairs(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D | undefined,
  margin: number,
): PairCounts {
  const [B, C] = logits.shape;
  const present = tf.cast(labels, 'float32');
  const { values, indices } = tf.topk(tf.neg(logits), C);
  const scores = tf.neg(values);
  const reach = tf.add(scores, margin);
  const order = inOneList(indices, B, C);
  const sorted = (marks: tf.Tensor): tf.Tensor2D =>
    tf.gather(tf.reshape(marks, [-1]) as tf.Tensor, order) as tf.Tensor2D;
  const positive = sorted(known ? tf.mul(present, known) : present);
  const negative = tf.sub<tf.Tensor2D>(known ? sorted(known) : 1, positive);
  // [B, C + 1] how many of the k lowest scores are marked, for each k.
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

/** Places in rows of a length as places in the rows' one list. (WASM's gather takes all from the first row.) */
function inOneList(places: tf.Tensor, rows: number, length: number): tf.Tensor2D {
  const starts = Int32Array.from({ length: rows }, (_, row) => row * length);
  return tf.add(places, tf.tensor2d(starts, [rows, 1], 'int32'));
}

/** {@link rankingRows} on the host: the sum of the values, and the derivatives times `scale` in `byLogit`. */
function rankingPass(
  logits: tf.Tensor2D,
  labels: tf.Tensor2D,
  known: tf.Tensor2D | undefined,
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
    // How many negatives reach exactly the first k positives.
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

/** How many of the ascending scores are below a key, or at it if `included`. */
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
