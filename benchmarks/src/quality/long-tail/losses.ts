import {
  type AsymmetricLossOptions,
  asymmetricLoss,
  type DistributionBalancedLossOptions,
  distributionBalancedLoss,
  presets,
} from '@ltml/losses';
import type { ClassStatistics, Criterion } from '@ltml/tensor/contract';
import type { TrackMethod } from '../track.ts';

/** A row of the track: a loss, and how images are drawn. */
export interface LossRow extends TrackMethod {
  readonly sampler: 'uniform' | 'class-aware';
  /** What the loss is set to, as JSON, for the record. */
  readonly loss: Readonly<Record<string, unknown>>;
  criterion(statistics: ClassStatistics): Criterion;
}

/** The family of the Distribution-Balanced loss as published for VOC-MLT, whose class counts `digits-lt` has. */
const published = presets.vocMlt;

type Family = Omit<DistributionBalancedLossOptions, 'reduction'>;

function family(options: Family): Pick<LossRow, 'loss' | 'criterion'> {
  return {
    loss: { name: 'distribution-balanced', ...options },
    criterion: (statistics) => (logits, labels, known) =>
      distributionBalancedLoss(logits, labels, statistics, { ...options, reduction: 'mean', known }),
  };
}

/** As in the authors' training scripts; the mean instead of their sum, since the step size is chosen for each method. */
const asymmetric: AsymmetricLossOptions<'mean'> = {
  reduction: 'mean',
  gammaNegative: 4,
  gammaPositive: 0,
  clip: 0.05,
};

/** The rows by key, in the order of report: the ladder of Wu et al. (ECCV 2020), then what stands beside it. */
export const lossRows = {
  bce: {
    title: 'BCE',
    description: 'Binary cross-entropy, images drawn uniformly (ERM).',
    sampler: 'uniform',
    ...family(published.BCE),
  },
  rs: {
    title: '+ class-aware sampling',
    description: 'BCE, every class drawn equally often (RS).',
    after: 'bce',
    sampler: 'class-aware',
    ...family(published.BCE),
  },
  'r-bce': {
    title: '+ re-balanced weights',
    description: 'R-BCE: weights that undo what class-aware sampling does to the other labels of an image.',
    after: 'rs',
    sampler: 'class-aware',
    ...family(published['R-BCE']),
  },
  db: {
    title: '+ negative tolerance (DB)',
    description: 'Distribution-Balanced loss: R-BCE with negative-tolerant regularisation.',
    after: 'r-bce',
    sampler: 'class-aware',
    ...family(published.DB),
  },
  'db-focal': {
    title: '+ focal (DB-Focal)',
    description: 'Distribution-Balanced loss with the focal factor: the headline of the paper.',
    after: 'db',
    sampler: 'class-aware',
    ...family(published['DB-Focal']),
  },
  asl: {
    title: 'ASL',
    description: 'Asymmetric loss (Ridnik et al., ICCV 2021), images drawn uniformly.',
    sampler: 'uniform',
    loss: { name: 'asymmetric', ...asymmetric },
    criterion: () => (logits, labels, known) => asymmetricLoss(logits, labels, { ...asymmetric, known }),
  },
  focal: {
    title: 'Focal',
    description: 'Focal loss, γ = 2, images drawn uniformly.',
    sampler: 'uniform',
    ...family(published.Focal),
  },
  'cb-focal': {
    title: 'CB-Focal',
    description: 'Class-balanced focal loss (Cui et al., CVPR 2019), β = 0.9, images drawn uniformly.',
    sampler: 'uniform',
    ...family(published['CB-Focal']),
  },
} as const satisfies Readonly<Record<string, LossRow>>;

export type LossRowKey = keyof typeof lossRows;
