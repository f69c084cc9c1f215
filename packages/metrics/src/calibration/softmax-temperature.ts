import { checkClassLabels } from '../core/class-labels.ts';
import { checkScoreMatrix, type ScoreMatrix } from '../core/scores.ts';
import { checkFinite } from './check-finite.ts';
import { type FittedTemperature, fitTemperature, type LossAt } from './fit-temperature.ts';

/**
 * Fits the temperature that turns logits into calibrated probabilities, for data with one class per image:
 *
 *     T = argmin mean_n of −log softmax(x_n/T)[y_n],  0.01 ≤ T ≤ 100
 *
 * @param logits [N, C]
 * @param labels [N] the class index of each image, 0 … C − 1
 * @returns as `sigmoidTemperature`
 * @throws ShapeError; DataError on logits that are not finite and on labels that are not a class index
 * Source: Guo et al. (ICML 2017), with the exact minimum instead of a few L-BFGS steps.
 */
export function softmaxTemperature(logits: ScoreMatrix, labels: ArrayLike<number>): FittedTemperature {
  checkScoreMatrix('softmaxTemperature', logits);
  checkFinite('softmaxTemperature', logits);
  checkClassLabels('softmaxTemperature', logits, labels);
  const { rows, columns, scores } = logits;
  const N = Math.max(rows, 1);
  const lossAt = (beta: number): LossAt => {
    let [loss, slope, curvature] = [0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const start = row * columns;
      const own = scores[start + labels[row]];
      let largest = own;
      for (let at = start; at < start + columns; at++) largest = Math.max(largest, scores[at]);
      // Sums with the weights exp(β(x − largest)): of the weights, and of the logits' distances to the largest.
      let [sum, mean, square] = [0, 0, 0];
      for (let at = start; at < start + columns; at++) {
        const d = scores[at] - largest;
        const weight = Math.exp(beta * d);
        sum += weight;
        mean += weight * d;
        square += weight * d * d;
      }
      mean /= sum;
      loss += Math.log(sum) + beta * (largest - own);
      slope += mean + largest - own;
      curvature += square / sum - mean * mean;
    }
    return { loss: loss / N, slope: slope / N, curvature: curvature / N };
  };
  return fitTemperature(lossAt);
}
