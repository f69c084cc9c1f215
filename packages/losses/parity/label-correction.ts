import { type ReflectedCounts, reflectiveLabelCorrection, reflectLabels } from '@ltml/losses';
import * as tf from '@tensorflow/tfjs-core';
import type { ParityAdapter, ParityAdapters, ParityValue } from '../../tensor/parity/adapter.ts';
import { mask, matrix, unknownIsMinusOne } from './loss-values.ts';

/** Batches one after the other, each in the state that the one before left. */
const correction: ParityAdapter = (inputs) => {
  const params = inputs.params as Record<string, number>;
  const epochs = inputs.params.epochs as readonly number[];
  const initial = mask(inputs.tensor('class_counts')) as unknown as tf.Tensor1D;
  let state: ReflectedCounts = { initial, counts: initial, epoch: 0 };
  const found: Record<string, ParityValue> = {};
  for (const [step, epoch] of epochs.entries()) {
    const { present, known } = unknownIsMinusOne(matrix(inputs, `labels${step}`));
    const logits = matrix(inputs, `logits${step}`);
    const { tau: threshold, compute_epoch: computeEpoch, margin } = params;
    const reflected = reflectLabels(logits, present, state, { known, epoch, threshold, computeEpoch, margin });
    const options = {
      known,
      margin,
      batchSize: params.batch_size,
      gammaNegative: params.gamma_negative,
      gammaPositive: params.gamma_positive,
      clip: params.clip,
      exponent: params.exponent,
    };
    const { value, grad } = tf.valueAndGrad((x) =>
      reflectiveLabelCorrection(x as tf.Tensor2D, present, reflected, options),
    )(logits);
    state = reflected.state;
    found[`loss${step}`] = value;
    found[`grad_logits${step}`] = grad;
    found[`pseudo_labels${step}`] = reflected.labels;
    found[`counts${step}`] = state.counts;
  }
  return found;
};

/** Losses that correct the labels they are given. */
export const labelCorrectionAdapters: ParityAdapters = { reflectiveLabelCorrection: correction };
