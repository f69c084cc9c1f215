import {
  balancedContrastive,
  bclLoss,
  gpacoLoss,
  logBesselI,
  pacoLoss,
  procoLogits,
  procoLoss,
  procoStep,
  type VmfEstimator,
  vmfConcentration,
  vmfEstimator,
} from '@ltml/dscl';
import { balancedSoftmax } from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import { mask } from '../../losses/parity/loss-values.ts';
import type { ParityAdapter, ParityAdapters, ParityInputs, ParityValue } from '../../tensor/parity/adapter.ts';

type Outputs = Record<string, ParityValue>;

function statisticsOf(inputs: ParityInputs) {
  const classCounts = inputs.numbers('class_counts');
  return { classCounts, trainCount: classCounts.reduce((sum, n) => sum + n, 0) };
}

/** The value of a loss of stored tensors, and its gradient with respect to each. */
function lossAndGradients(
  inputs: ParityInputs,
  names: readonly string[],
  loss: (...tensors: tf.Tensor[]) => tf.Scalar,
): Outputs {
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => inputs.tensor(name)));
  return { loss: value, ...Object.fromEntries(names.map((name, i) => [`grad_${name}`, grads[i]])) };
}

const balanced: ParityAdapter = (inputs) => {
  const labels = inputs.tensor('labels') as tf.Tensor1D;
  const { temperature } = inputs.params as Record<string, number>;
  return lossAndGradients(inputs, ['features', 'centers'], (features, centres) =>
    balancedContrastive(features as tf.Tensor3D, centres as tf.Tensor2D, labels, { temperature }),
  );
};

const bcl: ParityAdapter = (inputs) => {
  const labels = inputs.tensor('labels') as tf.Tensor1D;
  const { temperature } = inputs.params as Record<string, number>;
  const weights = inputs.params.weights as { readonly classification: number; readonly contrastive: number };
  const options = { temperature, ...weights };
  return lossAndGradients(inputs, ['features', 'centers', 'logits'], (features, centres, logits) =>
    bclLoss(
      features as tf.Tensor3D,
      centres as tf.Tensor2D,
      logits as tf.Tensor2D,
      labels,
      statisticsOf(inputs),
      options,
    ),
  );
};

const parametric =
  (generalised: boolean): ParityAdapter =>
  (inputs) => {
    const labels = inputs.tensor('labels') as tf.Tensor1D;
    const { alpha, beta, gamma, temperature, logit_temperature, smooth } = inputs.params as Record<string, number>;
    const options = { alpha, beta, gamma, temperature, logitTemperature: logit_temperature };
    const statistics = inputs.has('class_counts') ? statisticsOf(inputs) : null;
    return lossAndGradients(inputs, ['features', 'logits'], (features, logits) => {
      const tensors = [features as tf.Tensor2D, labels, logits as tf.Tensor2D] as const;
      if (generalised) return gpacoLoss(...tensors, statistics, { ...options, smoothing: smooth });
      return pacoLoss(...tensors, statisticsOf(inputs), options);
    });
  };

const bessel: ParityAdapter = (inputs) => {
  const { logScaled, ratio } = logBesselI(inputs.params.order as number, inputs.numbers('kappa'));
  return { log_i_scaled: logScaled, ratio };
};

function concentrationOf(inputs: ParityInputs): { kappa: 'code' | 'banerjee'; largest: number } {
  return {
    kappa: inputs.params.kappa === 'banerjee' ? 'banerjee' : 'code',
    largest: inputs.params.kappa_max as number,
  };
}

const estimator: ParityAdapter = (inputs) => {
  const initial = inputs.tensor('initial_mean') as tf.Tensor2D;
  let state: VmfEstimator = { mean: initial, counts: tf.zeros([initial.shape[0]]) };
  const found: Outputs = {};
  for (let batch = 0; inputs.has(`features${batch}`); batch++) {
    state = vmfEstimator(
      state,
      inputs.tensor(`features${batch}`) as tf.Tensor2D,
      inputs.tensor(`labels${batch}`) as tf.Tensor1D,
    );
    const kappa = vmfConcentration(state, concentrationOf(inputs));
    found[`mean${batch}`] = state.mean;
    found[`counts${batch}`] = state.counts;
    found[`kappa${batch}`] = kappa;
    found[`log_norm${batch}`] = logBesselI(initial.shape[1] / 2 - 1, kappa).logNorm;
  }
  return found;
};

const proco: ParityAdapter = (inputs) => {
  const mean = inputs.tensor('mean') as tf.Tensor2D;
  const state = { mean, counts: tf.ones<tf.Rank.R1>([mean.shape[0]]) };
  const options = { ...concentrationOf(inputs), temperature: inputs.params.temperature as number };
  const classes = tf.range(0, mean.shape[0], 1, 'int32');
  const labels = mask(tf.equal(tf.expandDims(inputs.tensor('labels'), 1), tf.expandDims(classes, 0)));
  return {
    ...lossAndGradients(inputs, ['features'], (z) =>
      balancedSoftmax(procoLogits(z as tf.Tensor2D, state, options), labels, statisticsOf(inputs)),
    ),
    logits: procoLogits(inputs.tensor('features') as tf.Tensor2D, state, options),
  };
};

/** Several epochs of ProCo's estimators. Each epoch starts from the stored state. */
const epochs: ParityAdapter = (inputs) => {
  const mean = inputs.tensor('initial_mean') as tf.Tensor2D;
  const fresh: VmfEstimator = { mean, counts: tf.zeros([mean.shape[0]]) };
  const options = { ...concentrationOf(inputs), temperature: inputs.params.temperature as number };
  let estimators = { older: fresh, newer: fresh };
  let current = -1;
  const found: Outputs = {};
  for (const [step, epoch] of (inputs.params.epochs as readonly number[]).entries()) {
    if (epoch !== current) estimators = { older: estimators.newer, newer: fresh };
    current = epoch;
    const labels = inputs.tensor(`labels${step}`) as tf.Tensor1D;
    const views = [1, 2].map((view) => inputs.tensor(`view${view}_${step}`)) as [tf.Tensor2D, tf.Tensor2D];
    const after = procoStep(estimators, views, labels);
    estimators = after.estimators;
    const { value, grads } = tf.valueAndGrads((first, second) =>
      procoLoss([first as tf.Tensor2D, second as tf.Tensor2D], labels, after.seen, statisticsOf(inputs), options),
    )(views);
    found[`loss${step}`] = value;
    found[`grad_view1_${step}`] = grads[0];
    found[`grad_view2_${step}`] = grads[1];
    found[`mean${step}`] = estimators.older.mean;
    found[`counts${step}`] = estimators.older.counts;
    found[`kappa${step}`] = vmfConcentration(estimators.older, concentrationOf(inputs));
  }
  return found;
};

/** Comparisons of contrastive losses for long-tailed classification. */
export const contrastiveFamilyAdapters: ParityAdapters = {
  balancedContrastive: balanced,
  bclLoss: bcl,
  pacoLoss: parametric(false),
  gpacoLoss: parametric(true),
  logBesselI: bessel,
  vmfEstimator: estimator,
  procoLogits: proco,
  procoStep: epochs,
};
