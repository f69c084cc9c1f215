import { checkFlag, checkNumber, checkOptionNames } from '@ltml/tensor';
import { type ClassColumn, classColumns } from '../core/class-columns.ts';
import { checkScores, type Scores } from '../core/scores.ts';
import { rankingCurve, type ThresholdCurve } from '../ranking/ranking-curve.ts';
import { ratio } from './precision-recall.ts';

/** Thresholds, and their results on the data that they were chosen on. All are [C], or [1] for one pooled threshold. */
export interface ClassThresholds {
  /** A class is present if its score is at least this. */
  readonly thresholds: Float64Array;
  /** Fractions; 0/0 is 0. */
  readonly precision: Float64Array;
  /** Fractions; 0/0 is 0. */
  readonly recall: Float64Array;
  /** Fractions; 0/0 is 0. */
  readonly f1: Float64Array;
}

/** Options that all ways to choose thresholds share. */
export interface ThresholdOptions {
  /** Chooses one threshold over the labels of all classes together; default false. */
  readonly pooled?: boolean;
  /** Threshold of a class without known positives, where there is nothing to choose from; default 0.5. */
  readonly fallback?: number;
}

/**
 * Chooses a threshold for each class from the scores of its known positives.
 *
 * @param choose returns the index of the point to use. With −1 the threshold is just above every score
 */
export function chooseThresholds(
  where: string,
  scores: Scores,
  options: ThresholdOptions,
  choose: (curve: ThresholdCurve) => number,
): ClassThresholds {
  checkOptionNames(where, options, ['pooled', 'fallback']);
  const { pooled = false, fallback = 0.5 } = options;
  checkFlag(where, 'options.pooled', pooled);
  checkNumber(where, 'options.fallback', fallback);
  checkScores(where, scores);
  const count = pooled ? 1 : scores.columns;
  const [thresholds, precision, recall, f1] = [0, 0, 0, 0].map(() => new Float64Array(count));
  thresholds.fill(fallback);
  for (const { index, scores: values, present } of pooled ? [pooledColumn(scores)] : classColumns(scores)) {
    const curve = rankingCurve(values, present);
    if (curve.positives === 0) continue;
    const point = choose(curve);
    if (point < 0) {
      thresholds[index] = justAbove(values.reduce((a, b) => Math.max(a, b)));
      continue;
    }
    const [correct, predicted] = [curve.truePositives[point], curve.retrieved[point]];
    thresholds[index] = curve.thresholds[point];
    precision[index] = ratio(correct, predicted);
    recall[index] = ratio(correct, curve.positives);
    f1[index] = (2 * correct) / (predicted + curve.positives);
  }
  return { thresholds, precision, recall, f1 };
}

/** All known entries, as if they belonged to one class. */
function pooledColumn({ scores, present, known }: Scores): ClassColumn {
  const isKnown = (_: number, at: number): boolean => !known || known[at] === 1;
  return {
    index: 0,
    scores: Float32Array.from(scores).filter(isKnown),
    present: Uint8Array.from(present).filter(isKnown),
  };
}

/** The next larger float32. */
function justAbove(score: number): number {
  if (!Number.isFinite(score)) return score;
  const value = Float32Array.of(score + 0);
  const bits = new Int32Array(value.buffer);
  // The larger of two negative numbers has the smaller bits.
  bits[0] += value[0] >= 0 ? 1 : -1;
  return value[0];
}
