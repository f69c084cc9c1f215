import { checkScores, type Scores } from '../core/scores.ts';
import { checkFinite } from './check-finite.ts';
import { type FittedTemperature, fitTemperature, type LossAt } from './fit-temperature.ts';

/**
 * Fits the temperature that turns logits into calibrated probabilities, for multi-label data; one T for all classes:
 *
 *     T = argmin mean over known (n, c) of BCE(σ(x_nc/T), y_nc),  0.01 ≤ T ≤ 100
 *
 * Fit it on images that the model was not trained on, and evaluate it on others. T > 1 makes overconfident
 * probabilities softer. T does not change the order of the scores, so AP stays the same.
 *
 * @param logits [N, C] with their labels; unknown labels are ignored
 * @returns T = 1 if no label is known or the loss does not depend on T. If the best T lies outside the range, T is the
 *   bound, e.g. 0.01 if every logit has the right sign
 * @throws ShapeError, DataError, also on infinite logits
 * Source: Guo et al. (ICML 2017), with the exact minimum instead of a few L-BFGS steps.
 */
export function sigmoidTemperature(logits: Scores): FittedTemperature {
  checkScores('sigmoidTemperature', logits);
  checkFinite('sigmoidTemperature', logits);
  const { scores, present, known } = logits;
  const lossAt = (beta: number): LossAt => {
    let [loss, slope, curvature, count] = [0, 0, 0, 0];
    for (let at = 0; at < scores.length; at++) {
      if (known && known[at] === 0) continue;
      const [x, y] = [scores[at], present[at]];
      const z = beta * x;
      const p = 1 / (1 + Math.exp(-z));
      loss += Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
      slope += (p - y) * x;
      curvature += p * (1 - p) * x * x;
      count++;
    }
    const N = Math.max(count, 1);
    return { loss: loss / N, slope: slope / N, curvature: curvature / N };
  };
  return fitTemperature(lossAt);
}
