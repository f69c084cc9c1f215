import { decodeLabels, unknownIsMinusOne } from '@ltml/data';
import {
  type CalibrationError,
  classwiseCalibrationError,
  expectedCalibrationError,
  type FittedTemperature,
  maxF1Thresholds,
  mcut,
  type ScoreMatrix,
  type Scores,
  sigmoidTemperature,
  softmaxTemperature,
  top1CalibrationError,
} from '@ltml/metrics';
import type { ParityAdapters, ParityInputs, ParityValue } from '../../../packages/tensor/parity/adapter.ts';

/** Comparisons of temperatures, thresholds and calibration errors. Labels of −1 are unknown. */
export const calibrationAdapters: ParityAdapters = {
  temperatureScaling: (inputs) => {
    const isSoftmax = inputs.params.form === 'softmax';
    const { temperature, lossBefore, lossAfter }: FittedTemperature = isSoftmax
      ? softmaxTemperature(matrixOf(inputs, 'logits'), inputs.numbers('labels'))
      : sigmoidTemperature(labelled(inputs, 'logits'));
    return { temperature: [temperature], loss_before: [lossBefore], loss_after: [lossAfter] };
  },

  maxF1Thresholds: (inputs) => {
    const { pooled, fallback } = inputs.params as { pooled: boolean; fallback: number };
    return { ...maxF1Thresholds(labelled(inputs, 'scores'), { pooled, fallback }) };
  },

  mcut: (inputs) => {
    const { floor, fallback } = inputs.params as { floor: number | null; fallback: number };
    const { thresholds, predicted } = mcut(matrixOf(inputs, 'scores'), {
      fallback,
      ...(floor !== null && { floor }),
    });
    return { thresholds, labels: predicted };
  },

  expectedCalibrationError: (inputs): Readonly<Record<string, ParityValue>> => {
    const { form, bins } = inputs.params as { form: string; bins: number };
    if (form === 'classwise') {
      const { expected, perClass, known } = classwiseCalibrationError(labelled(inputs, 'probabilities'), { bins });
      return { ece: [expected], ece_per_class: perClass, known_per_class: known };
    }
    return binnedOutputs(
      form === 'top1'
        ? top1CalibrationError(matrixOf(inputs, 'probabilities'), inputs.numbers('labels'), { bins })
        : expectedCalibrationError(labelled(inputs, 'probabilities'), { bins }),
    );
  },
};

function binnedOutputs({ expected, maximum, bins }: CalibrationError): Readonly<Record<string, ParityValue>> {
  return {
    ece: [expected],
    mce: [maximum],
    bin_counts: bins.map(({ count }) => count),
    bin_confidence: bins.map(({ probability }) => probability),
    bin_frequency: bins.map(({ frequency }) => frequency),
  };
}

function matrixOf(inputs: ParityInputs, name: string): ScoreMatrix {
  const [rows, columns] = inputs.host(name).shape;
  return { rows, columns, scores: Float32Array.from(inputs.numbers(name)) };
}

function labelled(inputs: ParityInputs, name: string): Scores {
  const matrix = matrixOf(inputs, name);
  return { ...matrix, ...decodeLabels(inputs.numbers('labels'), matrix.columns, unknownIsMinusOne) };
}
