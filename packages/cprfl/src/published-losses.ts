import {
  asymmetricLoss,
  binaryCrossEntropy,
  type DistributionBalancedLossOptions,
  distributionBalancedLoss,
  focalLoss,
  multiLabelSoftMargin,
} from '@ltml/losses';
import type { ClassStatistics } from '@ltml/tensor/contract';
import type * as tf from '@tensorflow/tfjs-core';

/** Options of the re-weighted losses, except the reduction. */
type Reweighted = Omit<DistributionBalancedLossOptions<'mean'>, 'reduction'>;

/** A loss of `logits`, `labels` and `known`, [B, C] each → mean []. It is the same in every epoch. */
export type PublishedLoss = (logits: tf.Tensor2D, labels: tf.Tensor2D, known: tf.Tensor2D) => tf.Scalar;

/** Binds a loss to the class counts of a training set. */
type Bind = (statistics: ClassStatistics) => PublishedLoss;

/**
 * Constants of the authors' code that depend on the data set: λ, and μ of the re-balancing weights (there called γ).
 */
const coco = { lambda: 2, mu: 0.2 };
const voc = { lambda: 5, mu: 0.3 };

const reweighted =
  (options: Reweighted): Bind =>
  (statistics) =>
  (logits, labels, known) =>
    distributionBalancedLoss(logits, labels, statistics, { ...options, known });

const focal = { gamma: 2, balance: 2 };

/** The logit shift is divided by λ, as in every release of this loss. */
const tolerance = (lambda: number) => ({ kappa: 0.05, lambda, kappaDividedByLambda: true });

const classBalanced = ({ lambda }: typeof coco): Reweighted => ({
  reweight: { by: 'classBalanced', beta: 0.9, mode: 'byClass' },
  ntr: tolerance(lambda),
  focal,
  lossWeight: 10,
});

const balanced = ({ lambda, mu }: typeof coco): Reweighted => ({
  reweight: { by: 'rebalance', alpha: 0.1, beta: 10, mu },
  ntr: tolerance(lambda),
});

/**
 * The losses of the paper's tables by name. Each is a mean over images and classes.
 *
 * - `focal` is the loss of Table 3. The paper does not give its constants; we use those of the other rows.
 * - Names with `batch` use one focal factor for the whole batch, as the authors' code does. The same names without
 *   `batch` use one factor for each entry, as Wu et al. do.
 *
 * Source: CPRFL, Table 2, with the constants of the authors' code.
 */
const publishedLosses: Readonly<Record<LossName, Bind>> = {
  /** γ₋ = 4 and γ₊ = 0: CPRFL, section 4. The margin of 0.05 is from the authors' code. */
  asymmetric: () => (logits, labels, known) =>
    asymmetricLoss(logits, labels, { reduction: 'mean', gammaNegative: 4, gammaPositive: 0, clip: 0.05, known }),
  bce: () => (logits, labels, known) => binaryCrossEntropy(logits, labels, { known }),
  mls: () => (logits, labels, known) => multiLabelSoftMargin(logits, labels, { known }),
  focal: () => (logits, labels, known) => focalLoss(logits, labels, { ...focal, known }),
  'cb-focal/coco': reweighted(classBalanced(coco)),
  'cb-focal/voc': reweighted(classBalanced(voc)),
  'cb-focal-batch/coco': reweighted({ ...classBalanced(coco), focal: { ...focal, scope: 'batch' } }),
  'cb-focal-batch/voc': reweighted({ ...classBalanced(voc), focal: { ...focal, scope: 'batch' } }),
  'db/coco': reweighted({ ...balanced(coco), focal: null, lossWeight: 0.5 }),
  'db/voc': reweighted({ ...balanced(voc), focal: null, lossWeight: 0.5 }),
  'db-focal/coco': reweighted({ ...balanced(coco), focal }),
  'db-focal/voc': reweighted({ ...balanced(voc), focal }),
  'db-focal-batch/coco': reweighted({ ...balanced(coco), focal: { ...focal, scope: 'batch' } }),
  'db-focal-batch/voc': reweighted({ ...balanced(voc), focal: { ...focal, scope: 'batch' } }),
};

/** Names of the losses in the paper's tables. */
export type LossName =
  | 'asymmetric'
  | 'bce'
  | 'mls'
  | 'focal'
  | `${'cb-focal' | 'cb-focal-batch' | 'db' | 'db-focal' | 'db-focal-batch'}/${'coco' | 'voc'}`;

export const lossNames: readonly LossName[] = Object.keys(publishedLosses) as LossName[];

/** The loss of a row of the paper, bound to the class counts of the training set. */
export function publishedLoss(name: LossName, statistics: ClassStatistics): PublishedLoss {
  return publishedLosses[name](statistics);
}
