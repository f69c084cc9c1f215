import type { Scores } from '../core/scores.ts';
import { type ClassThresholds, chooseThresholds, type ThresholdOptions } from './class-thresholds.ts';

/**
 * The threshold with the largest F1 for each class, chosen on its known labels; of equal F1 the lowest. A class is
 * present if its score is at least the threshold.
 *
 *     F1 = 2·tp/(predicted + positives)
 *
 * Choose thresholds on images that the model was not trained on, and evaluate them on others.
 *
 * @throws ShapeError, DataError; OptionError
 * Source: scikit-learn's `precision_recall_curve` without its last point, which has no threshold.
 */
export function maxF1Thresholds(scores: Scores, options: ThresholdOptions = {}): ClassThresholds {
  return chooseThresholds('maxF1Thresholds', scores, options, ({ positives, truePositives, retrieved }) => {
    let [best, chosen] = [-1, -1];
    for (let point = 0; point < retrieved.length; point++) {
      const f1 = (2 * truePositives[point]) / (retrieved[point] + positives);
      if (f1 < best) continue;
      best = f1;
      chosen = point;
    }
    return chosen;
  });
}
