import { checkChoice, checkCount, checkNumber, checkOptionNames } from '@ltml/tensor';
import * as tf from '@tensorflow/tfjs-core';
import {
  joinSums,
  type KeySoftmax,
  type KeySums,
  ownKeySums,
  rowProducts,
  softmaxOf,
  softmaxWithEpsilon,
  sumKeys,
  sumLogits,
} from './key-sums.ts';
import { checkContrast, filledSlots, type LabelledKeys, type Positives, positivesOf } from './labelled-keys.ts';
import type { TargetWeights } from './target-weights.ts';
import { decoupledTargets, type EmptyPositives, emptyPositivesReadings, uniformTargets } from './target-weights.ts';

/** Options of {@link sclLoss}. */
export interface ContrastOptions {
  /** τ, above 0. Default 0.07: released code. */
  readonly temperature?: number;
  /**
   * The keys that an anchor is compared with. Default `queue`.
   *
   * - `queue`: its own key and the queue, as in equation 2.
   * - `inbatch`: in addition the other anchors and keys of the batch, as in the released code.
   */
  readonly candidates?: 'queue' | 'inbatch';
  /** Added to the sum of exponentials. Default 0; the released code adds 1e-12. */
  readonly epsilon?: number;
}

/** Options of {@link dsclLoss}. */
export interface DsclOptions extends ContrastOptions {
  /** α in [0, 1], weight of the own key. Default 1 / 9: released code, which has β = 8 = (1 − α) / α. */
  readonly alpha?: number;
  /** The loss of an anchor without positives. Default `renormalize`. */
  readonly emptyPositives?: EmptyPositives;
}

const contrastOptions = ['temperature', 'candidates', 'epsilon'];

/**
 * Supervised contrastive loss with a momentum encoder and a queue, one value for each anchor, in nats:
 *
 *     L_i = −1 / (|P_i| + 1) · Σ_{t ∈ {z_i⁺} ∪ P_i} log p(z_t | z_i)
 *
 * p is the softmax of z_t·z_i / τ over the candidates. The positives P_i are the candidates of the anchor's class,
 * without its own key. Axes: B anchors, K keys, D features.
 *
 * @param anchors [B, D] embeddings z of the query view
 * @param ownKeys [B, D] z⁺, embeddings of the key view of the same images; own keys and queue get no gradient
 * @param labels [B] class indices
 * @param queue keys of past images
 * @returns [B]
 * @throws ShapeError, OptionError; DataError for a label outside the classes
 *
 * Edge cases: without positives it is −log p(z⁺). It is finite for logits of ±100.
 *
 * Source: Xuan and Zhang, AAAI 2024, equations 1 and 2.
 */
export function sclLoss(
  anchors: tf.Tensor2D,
  ownKeys: tf.Tensor2D,
  labels: tf.Tensor1D,
  queue: LabelledKeys,
  options: ContrastOptions = {},
): tf.Tensor1D {
  checkOptionNames('sclLoss', options, contrastOptions);
  checkContrast('sclLoss', anchors, ownKeys, labels, queue);
  return contrastLoss({ anchors, ownKeys, labels, queue }, readContrast('sclLoss', options), uniformTargets);
}

/**
 * Decoupled supervised contrastive loss (DSCL): the own key always has the weight α in the target, for any number of
 * positives. So frequent and rare classes learn from own key and positives in the same proportion.
 *
 *     L_i = −α·log p(z_i⁺ | z_i) − (1 − α) / |P_i| · Σ_{t ∈ P_i} log p(z_t | z_i)
 *
 * Parameters, result and errors are those of {@link sclLoss}. For α = 1 / (|P_i| + 1) both losses are equal.
 *
 * Edge cases: for an anchor without positives see {@link EmptyPositives}. The minimum is not 0 but {@link dsclMinimum}.
 *
 * Source: Xuan and Zhang, AAAI 2024, equations 8 and 9. The paper prints w_t inside the logarithm, the code has it
 * outside. With positives both give the same loss.
 */
export function dsclLoss(
  anchors: tf.Tensor2D,
  ownKeys: tf.Tensor2D,
  labels: tf.Tensor1D,
  queue: LabelledKeys,
  options: DsclOptions = {},
): tf.Tensor1D {
  checkOptionNames('dsclLoss', options, [...contrastOptions, 'alpha', 'emptyPositives']);
  checkContrast('dsclLoss', anchors, ownKeys, labels, queue);
  const targets = dsclTargets('dsclLoss', options);
  return contrastLoss({ anchors, ownKeys, labels, queue }, readContrast('dsclLoss', options), targets);
}

/**
 * The minimum of {@link dsclLoss} for an anchor with a given number of positives, in nats. It is the entropy of the
 * target, reached if p(z⁺) = α and p = (1 − α) / |P| for every positive.
 *
 * @throws OptionError
 */
export function dsclMinimum(alpha: number, positives: number): number {
  checkNumber('dsclMinimum', 'alpha', alpha, { min: 0, max: 1 });
  checkCount('dsclMinimum', 'positives', positives, { min: 0 });
  const term = (share: number, each: number): number => (share > 0 ? -share * Math.log(each) : 0);
  return positives === 0 ? 0 : term(alpha, alpha) + term(1 - alpha, (1 - alpha) / positives);
}

/** The inputs of a contrastive loss. */
export interface ContrastBatch {
  readonly anchors: tf.Tensor2D;
  readonly ownKeys: tf.Tensor2D;
  readonly labels: tf.Tensor1D;
  readonly queue: LabelledKeys;
}

/** Gives the target weights for the number of positives |P| [B, 1]. */
export type Targets = (count: tf.Tensor2D) => TargetWeights;

export function dsclTargets(where: string, { alpha = 1 / 9, emptyPositives }: DsclOptions): Targets {
  checkNumber(where, 'options.alpha', alpha, { min: 0, max: 1 });
  if (emptyPositives !== undefined)
    checkChoice(where, 'options.emptyPositives', emptyPositives, emptyPositivesReadings);
  return (count) => decoupledTargets(count, alpha, emptyPositives);
}

/** The targets of the loss with a given name. */
export function targetsOf(where: string, options: DsclOptions & { readonly loss: 'scl' | 'dscl' }): Targets {
  return options.loss === 'scl' ? uniformTargets : dsclTargets(where, options);
}

function readContrast(where: string, options: ContrastOptions): Required<ContrastOptions> {
  const { temperature = 0.07, candidates = 'queue', epsilon = 0 } = options;
  checkTemperature(where, temperature);
  checkChoice(where, 'options.candidates', candidates, ['queue', 'inbatch']);
  checkNumber(where, 'options.epsilon', epsilon, { min: 0 });
  return { temperature, candidates, epsilon };
}

export function checkTemperature(where: string, temperature: number, argument: string = 'options.temperature'): void {
  checkNumber(where, argument, temperature, { above: 0 });
}

/** The losses [B], and the tensors from which {@link anchorGradient} computes the gradient. */
export type AnchorTerm = {
  readonly value: tf.Tensor1D;
  readonly saved: tf.Tensor[];
};

/** The contrastive loss [B] for any targets. {@link sclLoss} and {@link dsclLoss} are two cases. */
export function contrastLoss(batch: ContrastBatch, options: Required<ContrastOptions>, targets: Targets): tf.Tensor1D {
  const { anchors, queue } = batch;
  const op = tf.customGrad((...args) => {
    const save = args[1] as tf.GradSaveFunc;
    // Some engines fail on empty tensors.
    if (anchors.size === 0) {
      return { value: tf.zeros([anchors.shape[0]]), gradFunc: () => [tf.zeros(anchors.shape)] };
    }
    const queries = tf.div<tf.Tensor2D>(anchors, options.temperature);
    const sums = sumKeys(queries, queue.keys, filledSlots(queue));
    const { value, saved } = anchorTerm(batch, sums, options, targets);
    save(saved);
    return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [anchorGradient(dy as tf.Tensor1D, saved)] };
  });
  return op(anchors) as tf.Tensor1D;
}

/** The losses of the anchors, from the softmax sums over the queue. */
export function anchorTerm(
  batch: ContrastBatch,
  queueSums: KeySums,
  options: Required<ContrastOptions>,
  targets: Targets,
): AnchorTerm {
  const { anchors, ownKeys, labels, queue } = batch;
  const { temperature, candidates, epsilon } = options;
  return tf.tidy(() => {
    const queries = tf.div<tf.Tensor2D>(anchors, temperature);
    const inBatch = candidates === 'inbatch' ? new InBatch(batch, queries) : undefined;
    const sums = joinSums(queueSums, inBatch?.sums ?? ownKeySums(queries, ownKeys));
    const softmax = epsilon > 0 ? softmaxWithEpsilon(sums, rowProducts(queries, anchors), epsilon) : softmaxOf(sums);
    const inQueue = positivesOf(labels, queue);
    const positives = inBatch ? inBatch.addTo(inQueue) : inQueue;
    const weights = targets(positives.count);
    const target = tf.add<tf.Tensor2D>(tf.mul(weights.own, ownKeys), tf.mul(weights.positive, positives.sum));
    const { value, direction } = crossEntropy(queries, softmax, target, weights.total);
    const byAnchor = tf.div<tf.Tensor2D>(direction, temperature);
    return { value, saved: inBatch ? [byAnchor, ...inBatch.contrastRole(softmax, weights)] : [byAnchor] };
  });
}

/**
 * The gradient of the anchors. With `inbatch` the anchors of a batch are also candidates of each other, which adds to
 * their gradient.
 */
export function anchorGradient(dy: tf.Tensor1D, [byAnchor, coefficients, queries]: readonly tf.Tensor[]): tf.Tensor {
  const step = tf.reshape(dy, [-1, 1]);
  const asAnchor = tf.mul(byAnchor, step);
  if (!coefficients) return asAnchor;
  return tf.add(asAnchor, tf.matMul(coefficients, tf.mul(queries, step) as tf.Tensor2D, true, false));
}

/**
 * The cross-entropy −Σ_m ω_m (s_m − log Σ exp s) of each query.
 *
 * Since Σ_m ω_m s_m = query · Σ_m ω_m key_m, the whole target is one vector per query. The gradient of the query is
 * `direction` = total · mean key − target.
 *
 * @param queries [R, D] divided by the temperature
 * @param target [R, D] Σ_m ω_m key_m
 * @param total [R, 1] Σ_m ω_m; default 1
 */
export function crossEntropy(
  queries: tf.Tensor2D,
  { logSumExp, meanKey }: KeySoftmax,
  target: tf.Tensor2D,
  total?: tf.Tensor2D,
): { readonly value: tf.Tensor1D; readonly direction: tf.Tensor2D } {
  const [lse, mean] = total ? [tf.mul(total, logSumExp), tf.mul(total, meanKey)] : [logSumExp, meanKey];
  return {
    value: tf.reshape(tf.sub(lse, rowProducts(queries, target)), [-1]),
    direction: tf.sub(mean, target),
  };
}

/** The candidates of an anchor in its own batch: the other anchors, and all own keys. */
class InBatch {
  readonly #anchors: tf.Tensor2D;
  readonly #keys: tf.Tensor2D;
  readonly #queries: tf.Tensor2D;
  /** [B, B] logits between anchors; on the diagonal a large negative number. */
  readonly #logits: tf.Tensor2D;
  /** [B, B] 1 for two images of the same class, 0 on the diagonal. */
  readonly #same: tf.Tensor2D;
  readonly sums: KeySums;

  constructor({ anchors, ownKeys, labels }: ContrastBatch, queries: tf.Tensor2D) {
    const itself = tf.eye(labels.size);
    const classes = tf.cast(labels, 'int32');
    const equal = tf.equal(tf.expandDims(classes, 1), tf.expandDims(classes, 0));
    this.#anchors = anchors;
    this.#keys = ownKeys;
    this.#queries = queries;
    this.#same = tf.sub(tf.cast(equal, 'float32'), itself);
    const logits = tf.matMul(queries, anchors, false, true);
    this.#logits = tf.sub(tf.mul(logits, tf.sub(1, itself)), tf.mul(itself, 1e9));
    const toKeys = tf.matMul<tf.Tensor2D>(queries, ownKeys, false, true);
    this.sums = sumLogits(tf.concat2d([this.#logits, toKeys], 1), tf.concat2d([anchors, ownKeys], 0));
  }

  addTo({ sum, count }: Positives): Positives {
    const both = tf.add<tf.Tensor2D>(this.#anchors, this.#keys);
    return {
      sum: tf.add(sum, tf.matMul(this.#same, both)),
      count: tf.add(count, tf.mul(tf.sum(this.#same, 1, true), 2)),
    };
  }

  /** p − ω of each anchor (row) for each other anchor (column), and the queries that are multiplied by it. */
  contrastRole({ logSumExp }: KeySoftmax, { positive, total }: TargetWeights): tf.Tensor[] {
    const probabilities = tf.mul(tf.exp(tf.sub(this.#logits, logSumExp)), total);
    return [tf.sub(probabilities, tf.mul(this.#same, positive)), this.#queries];
  }
}
