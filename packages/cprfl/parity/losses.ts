import {
  asymmetricLoss,
  binaryCrossEntropy,
  type DistributionBalancedLossOptions,
  distributionBalancedLoss,
  multiLabelSoftMargin,
  type Reduction,
} from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import { type Loss, matrix } from '../../losses/parity/loss-values.ts';
import { reweighting } from '../../losses/parity/resample-loss.ts';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';

/** Loss and gradient under the names of `golden/cprfl`: inputs are `in.…`, outputs are `out.…`, `mid.…` or `grad.…`. */
function cprflOutputs(inputs: ParityInputs, loss: Loss): Record<string, ParityValue> {
  const logits = matrix(inputs, 'in.logits');
  const reduction = (inputs.params.reduction as Reduction | undefined) ?? 'mean';
  const { value, grad } = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, reduction) as tf.Scalar)(logits);
  return { 'out.loss': value, 'grad.logits': grad };
}

const cprflAsymmetric: ParityAdapter = (inputs) => {
  const { gamma_neg, gamma_pos, clip, eps, detach_focal_weight } = inputs.params;
  const options = {
    gammaNegative: gamma_neg as number,
    gammaPositive: gamma_pos as number,
    clip: clip as number,
    epsilon: eps as number,
    factorGradient: !detach_focal_weight,
  };
  const labels = matrix(inputs, 'in.targets');
  const loss: Loss = (x, reduction) => asymmetricLoss(x, labels, { ...options, reduction });
  return {
    ...cprflOutputs(inputs, loss),
    'mid.per_element_f64_reference': loss(matrix(inputs, 'in.logits'), 'none'),
  };
};

const cprflBinary: ParityAdapter = (inputs) => {
  const labels = matrix(inputs, 'in.targets');
  const loss = inputs.params.loss === 'mls' ? multiLabelSoftMargin : binaryCrossEntropy;
  return cprflOutputs(inputs, (x, reduction) => loss(x, labels, { reduction }));
};

const cprflResample: ParityAdapter = (inputs) => {
  const labels = matrix(inputs, 'in.targets');
  const classCounts = inputs.numbers('in.class_freq');
  const statistics = { classCounts, trainCount: classCounts[0] + inputs.numbers('in.neg_class_freq')[0] };
  const { reweight_func, focal, logit_reg, map_param, loss_weight, CB_loss } = inputs.params as Record<
    string,
    Record<string, number>
  >;
  const options = (scope: 'element' | 'batch'): DistributionBalancedLossOptions => ({
    reweight: reweighting({
      reweight: reweight_func,
      ...map_param,
      mu: map_param?.gamma,
      cb_beta: CB_loss?.CB_beta,
      cb_mode: CB_loss?.CB_mode,
    }),
    ntr: { kappa: logit_reg.init_bias, lambda: logit_reg.neg_scale, kappaDividedByLambda: true },
    focal: focal.focal ? { gamma: focal.gamma, balance: focal.balance_param, scope } : null,
    lossWeight: loss_weight as unknown as number,
  });
  return {
    ...cprflOutputs(inputs, (x) => distributionBalancedLoss(x, labels, statistics, options('batch'))),
    'out.loss_original_elementwise_focal': distributionBalancedLoss(
      matrix(inputs, 'in.logits'),
      labels,
      statistics,
      options('element'),
    ),
  };
};

/** Comparisons of the losses in CPRFL's code. */
export const cprflLossAdapters: ParityAdapters = {
  'cprfl/asl': cprflAsymmetric,
  'cprfl/bce_losses': cprflBinary,
  'cprfl/resample_loss': cprflResample,
};
