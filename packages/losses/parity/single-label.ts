import {
  balancedSoftmax,
  ladeLoss,
  ladeRegularizer,
  logitAdjustment,
  logitOffsets,
  type Reduction,
} from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityInputs } from '../../tensor/parity/adapter.ts';
import { mask, matrix } from './loss-values.ts';

function stored(inputs: ParityInputs) {
  const classCounts = inputs.numbers('class_counts');
  const statistics = { classCounts, trainCount: classCounts.reduce((sum, n) => sum + n, 0) };
  const logits = matrix(inputs, 'logits');
  const classes = tf.range(0, logits.shape[1], 1, 'int32');
  const labels = inputs.has('labels')
    ? mask(tf.equal(tf.expandDims(inputs.tensor('labels'), 1), tf.expandDims(classes, 0)))
    : logits;
  return { statistics, logits, labels };
}

const balanced: ParityAdapter = (inputs) => {
  const { statistics, logits, labels } = stored(inputs);
  const { reduction } = inputs.params as { readonly reduction: Reduction };
  const loss = (x: tf.Tensor) =>
    balancedSoftmax(x as tf.Tensor2D, labels, statistics, { reduction: reduction === 'sum' ? 'sum' : 'mean' });
  const { value, grad } = tf.valueAndGrad(loss)(logits);
  const perImage = balancedSoftmax(logits, labels, statistics, { reduction: 'none' });
  return { loss: value, grad_logits: grad, loss_per_image: perImage };
};

/** With class weights v: Σ v_y·ℓ / Σ v_y. */
const adjusted: ParityAdapter = (inputs) => {
  const { statistics, logits, labels } = stored(inputs);
  const { tau = 1 } = inputs.params as { readonly tau?: number };
  const weights = inputs.has('class_weight') ? inputs.tensor('class_weight') : tf.ones([logits.shape[1]]);
  const byImage = tf.sum(tf.mul(labels, weights), 1);
  const loss = (x: tf.Tensor): tf.Scalar => {
    const rows = balancedSoftmax(x as tf.Tensor2D, labels, statistics, { tau, reduction: 'none' });
    return tf.div(tf.sum(tf.mul(rows, byImage)), tf.sum(byImage));
  };
  const { value, grad } = tf.valueAndGrad(loss)(logits);
  return { loss: value, grad_logits: grad, offsets: logitOffsets(statistics, { tau, form: 'softmax' }) };
};

const postHoc: ParityAdapter = (inputs) => {
  const { statistics, logits } = stored(inputs);
  const tau = inputs.params.tau as number;
  return { adjusted: logitAdjustment(logits, statistics, { tau: -tau, form: 'softmax' }) };
};

const lade: ParityAdapter = (inputs) => {
  const { statistics, logits, labels } = stored(inputs);
  const { lambda, alpha } = inputs.params as Record<string, number>;
  const loss = tf.valueAndGrad((x) => ladeLoss(x as tf.Tensor2D, labels, statistics, { lambda, alpha }))(logits);
  const term = tf.valueAndGrad((x) => ladeRegularizer(x as tf.Tensor2D, labels, statistics, { lambda }))(logits);
  return {
    loss: loss.value,
    grad_logits: loss.grad,
    loss_ce: ladeLoss(logits, labels, statistics, { alpha: 0 }),
    loss_regulariser: term.value,
    grad_logits_regulariser: term.grad,
  };
};

/** Losses of one label an image. */
export const singleLabelAdapters: ParityAdapters = {
  balancedSoftmax: balanced,
  logitAdjustedCrossEntropy: adjusted,
  logitAdjustmentPostHoc: postHoc,
  ladeLoss: lade,
};
