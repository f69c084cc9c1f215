import {
  type CalibrationError,
  type Confusion,
  classwiseCalibrationError,
  confusions,
  countPredictions,
  expectedCalibrationError,
  type PrecisionRecall,
  perClassReport,
  precisionRecall,
  precisionRecallPerClass,
  type Scores,
  top1CalibrationError,
} from '@ltml/metrics';
import type { FrequencyGroups } from '@ltml/tensor/labels';
import type { WeightsKind } from '../model/model-description.ts';
import { type GroupScores, scoreGroups } from '../score-groups.ts';
import { predictedClasses, probabilitiesOf, type ScoreUse, singleLabels } from './score-use.ts';

/** What a report needs to know about a model; every {@link Model} fits. */
export interface ReportedModel extends ScoreUse {
  /** [C] names of the classes. */
  readonly classes: readonly string[];
  /** [C] training images of each class. */
  readonly classCounts: readonly number[];
  /** Head, medium and tail classes. */
  readonly groups: FrequencyGroups;
  /** Which weights of the run the model has. */
  readonly weights: WeightsKind;
}

/** Results of a model on images, as plain values that fit in JSON. Rates are fractions in [0, 1]. */
export interface EvaluationReport {
  /** Number of evaluated images. */
  readonly images: number;
  /** Which weights were evaluated. */
  readonly weights: WeightsKind;
  /** mAP of all classes and of each group. */
  readonly mAP: GroupScores;
  /**
   * How classes were predicted: by chosen thresholds, by the largest gap (`mcut`), or by default (probability of at
   * least 0.5, or the likeliest class). Null if nothing can be predicted.
   */
  readonly decisions: 'thresholds' | 'mcut' | 'default' | null;
  /** OP, OR, OF1, CP, CR and CF1 of all classes and of each group; null for relative scores without thresholds. */
  readonly precisionRecall: Readonly<Record<'total' | keyof FrequencyGroups, PrecisionRecall>> | null;
  /** Null for relative scores. */
  readonly calibration: CalibrationReport | null;
  /** One row for each class. */
  readonly perClass: readonly ClassRow[];
  /** Pairs of a missed and a wrongly predicted class in the same image, the most frequent pair first. */
  readonly confusions: readonly Confusion[];
}

/** Calibration error of a model's probabilities. */
export interface CalibrationReport extends CalibrationError {
  /** Temperature that made probabilities from scores. */
  readonly temperature: number;
  /** Mean calibration error of the classes; null if images have exactly one class. */
  readonly classwise: number | null;
}

/** Results of one class. */
export interface ClassRow {
  /** Index of the class. */
  readonly index: number;
  readonly name: string;
  /** Training images of the class. */
  readonly trainCount: number;
  readonly group: keyof FrequencyGroups;
  /** Known positives among the evaluated images. */
  readonly support: number;
  /** NaN without known positives. */
  readonly averagePrecision: number;
  /** Lowest score at which the class counts as present; null if no score by itself decides. */
  readonly threshold: number | null;
  /** Precision, recall and F1 are null if nothing is predicted. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** Computes all results of a model's scores. */
export function evaluationReport(model: ReportedModel, scores: Scores): EvaluationReport {
  const { classes, classCounts, groups, weights, thresholds } = model;
  const predicted = predictedClasses(model, scores);
  const counts = predicted && countPredictions(scores, { predicted });
  const ofClass = counts && precisionRecallPerClass(counts);
  const perClass = perClassReport(scores, { classes, classCounts, groups, emptyClasses: 'skip' }).map(
    ({ positives, ...row }) => ({
      ...row,
      support: positives,
      threshold: thresholdOf(model, row.index),
      precision: ofClass?.precision[row.index] ?? null,
      recall: ofClass?.recall[row.index] ?? null,
      f1: ofClass?.f1[row.index] ?? null,
    }),
  );
  return {
    images: scores.rows,
    weights,
    mAP: scoreGroups(scores, groups),
    decisions: predicted && (thresholds === 'mcut' ? 'mcut' : thresholds ? 'thresholds' : 'default'),
    precisionRecall: counts && {
      total: precisionRecall(counts),
      head: precisionRecall(counts, { classes: groups.head }),
      medium: precisionRecall(counts, { classes: groups.medium }),
      tail: precisionRecall(counts, { classes: groups.tail }),
    },
    calibration: calibrationReport(model, scores),
    perClass,
    confusions: predicted ? confusions(scores, predicted) : [],
  };
}

function thresholdOf({ thresholds, learner }: ReportedModel, c: number): number | null {
  if (thresholds === 'mcut') return null;
  return thresholds?.[c] ?? (learner.scores === 'sigmoid' ? 0 : null);
}

/** The calibration error of a model; null if its scores give no probabilities. */
export function calibrationReport(model: ScoreUse, scores: Scores): CalibrationReport | null {
  const temperature = model.calibration?.temperature ?? 1;
  const probabilities = probabilitiesOf(model, scores);
  if (!probabilities) return null;
  if (model.learner.scores === 'softmax') {
    const { scores: single, labels } = singleLabels(probabilities);
    return { temperature, ...top1CalibrationError(single, labels), classwise: null };
  }
  const classwise = classwiseCalibrationError(probabilities).expected;
  return { temperature, ...expectedCalibrationError(probabilities), classwise };
}
