import {
  type ClassFrequencies,
  type DistributionBalancedLossOptions,
  distributionBalancedLoss,
  distributionBalancedParts,
  type FocalFactor,
  type NegativeTolerance,
  negativeTolerantShift,
  type Reweighting,
} from '@ltml/losses';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import { given, type Loss, matrix, outputs, unknownIsMinusOne } from './loss-values.ts';

function frequencies(inputs: ParityInputs): ClassFrequencies {
  return { classCounts: inputs.numbers('class_freq'), trainCount: inputs.numbers('train_num')[0] };
}

const modes = { by_class: 'byClass', average_n: 'averageN', average_w: 'averageW', min_n: 'minN' } as const;

export function reweighting(params: Readonly<Record<string, unknown>>): Reweighting {
  const { alpha, beta, mu } = params as Record<string, number>;
  switch (params.reweight) {
    case 'inv':
      return { by: 'inv' };
    case 'sqrt_inv':
      return { by: 'sqrtInv' };
    case 'rebalance':
      return { by: 'rebalance', alpha, beta, mu };
    case 'CB':
      return { by: 'classBalanced', beta: params.cb_beta as number, mode: modes[params.cb_mode as keyof typeof modes] };
    default:
      return { by: 'none' };
  }
}

/** Negative tolerance. `kappa_effective` is already divided by λ if the authors do so. */
function tolerance(params: Readonly<Record<string, unknown>>): NegativeTolerance {
  return given({ kappa: params.kappa_effective as number | undefined, lambda: params.lambda as number | undefined });
}

function resampleOptions(
  params: Readonly<Record<string, unknown>>,
  scope: FocalFactor['scope'],
): DistributionBalancedLossOptions {
  const norms = { by_instance: 'instance', by_batch: 'batch' } as const;
  return {
    reweight: reweighting(params),
    weightNorm: norms[params.weight_norm as keyof typeof norms] ?? 'none',
    lossWeight: params.loss_weight as number,
    ntr: tolerance(params),
    focal: params.focal ? given({ gamma: params.gamma as number, balance: params.balance as number, scope }) : null,
  };
}

function resampleLoss(scope: 'element' | 'batch'): ParityAdapter {
  return (inputs) => {
    const labels = matrix(inputs, 'labels');
    const statistics = frequencies(inputs);
    const options = resampleOptions(inputs.params, scope);
    const loss: Loss = (x, reduction) => distributionBalancedLoss(x, labels, statistics, { ...options, reduction });
    const parts = distributionBalancedParts(matrix(inputs, 'logits'), labels, statistics, options);
    return {
      // The fork returns only the mean.
      ...outputs(inputs, scope === 'batch' ? (x) => loss(x, 'mean') : loss),
      weight_before_logit_reg: parts.weights,
      weight_final: parts.regularizedWeights,
      logits_regularised: parts.regularizedLogits,
      init_bias_vector: negativeTolerantShift(statistics, options.ntr ?? {}).map((shift) => -shift),
    };
  };
}

const partialResampleLoss: ParityAdapter = (inputs) => {
  const { present, known } = unknownIsMinusOne(matrix(inputs, 'labels'));
  const statistics = frequencies(inputs);
  const options = { ...resampleOptions(inputs.params, 'element'), known };
  return outputs(inputs, (x, reduction) => distributionBalancedLoss(x, present, statistics, { ...options, reduction }));
};

const resampleNames = [
  'DB-Focal',
  'DB',
  'R-BCE',
  'R-BCE-Focal',
  'NTR-BCE',
  'NTR-Focal',
  'CB-Focal',
  'CB',
  'CB-NTR-Focal',
  'Focal',
  'RW',
  'BCE',
];

/** Comparisons of the loss of Wu et al. with all its settings, under the names of their code. */
export const resampleLossAdapters: ParityAdapters = {
  ...Object.fromEntries(resampleNames.map((name) => [`ResampleLoss/${name}`, resampleLoss('element')])),
  ResampleLoss: resampleLoss('element'),
  'ResampleLoss(CPRFL fork)': resampleLoss('batch'),
  'ResampleLoss(partial)': partialResampleLoss,
};
