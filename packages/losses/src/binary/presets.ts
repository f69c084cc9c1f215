import type { Reduction } from '../core/reduction.ts';
import type { Reweighting } from '../weights/reweighting.ts';
import type { NegativeTolerance } from '../weights/statistics.ts';
import type { DistributionBalancedLossOptions } from './distribution-balanced.ts';

/** The name of a row in the results table of Wu et al., ECCV 2020. */
export type PresetName =
  | 'BCE'
  | 'Focal'
  | 'RW'
  | 'CB-Focal'
  | 'R-BCE'
  | 'R-BCE-Focal'
  | 'NTR-BCE'
  | 'NTR-Focal'
  | 'DB'
  | 'DB-Focal';

/** Options of `distributionBalancedLoss` by the name of the published row. */
export type Presets = Readonly<Record<PresetName, Omit<DistributionBalancedLossOptions<Reduction>, 'reduction'>>>;

/**
 * The losses of the Distribution-Balanced paper by data set and name. μ and λ differ between the data sets. Add
 * `ntr.kappaDividedByLambda` to reproduce the released models.
 *
 * R-BCE and DB assume class-aware sampling; the paper's row RS is BCE with that sampling.
 * Source: Wu et al., ECCV 2020, section 4.2, and their released configurations.
 */
export const presets: { readonly cocoMlt: Presets; readonly vocMlt: Presets } = {
  cocoMlt: family({ mu: 0.2, lambda: 2 }),
  vocMlt: family({ mu: 0.3, lambda: 5 }),
};

function family({ mu, lambda }: { readonly mu: number; readonly lambda: number }): Presets {
  const uniform: Reweighting = { by: 'none' };
  const rebalance: Reweighting = { by: 'rebalance', alpha: 0.1, beta: 10, mu };
  const ntr: NegativeTolerance = { kappa: 0.05, lambda };
  const focal = { gamma: 2, balance: 2 };
  return {
    BCE: { reweight: uniform, ntr: null, focal: null },
    Focal: { reweight: uniform, ntr: null, focal },
    RW: { reweight: { by: 'sqrtInv' }, ntr: null, focal: null },
    'CB-Focal': { reweight: { by: 'classBalanced', beta: 0.9, mode: 'averageW' }, ntr: null, focal },
    'R-BCE': { reweight: rebalance, ntr: null, focal: null },
    'R-BCE-Focal': { reweight: rebalance, ntr: null, focal },
    'NTR-BCE': { reweight: uniform, ntr, focal: null },
    'NTR-Focal': { reweight: uniform, ntr, focal },
    DB: { reweight: rebalance, ntr, focal: null },
    'DB-Focal': { reweight: rebalance, ntr, focal },
  };
}
