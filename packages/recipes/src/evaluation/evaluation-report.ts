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

/** What a report needs to know of a model besides its scores; every model fits. */
export interface ReportedModel extends ScoreUse {
  readonly classes: readonly string[];
  readonly classCounts: readonly number[];
  readonly groups: FrequencyGroups;
  readonly weights: WeightsKind;
}

/** How well a model does on images; plain values, fit for JSON. Shares are fractions. */
export interface EvaluationReport {
  readonly images: number;
  readonly weights: WeightsKind;
  readonly mAP: GroupScores;
  /** By what classes are predicted: thresholds that were chosen, else as likely as not, or the likeliest. */
  readonly decisions: 'thresholds' | 'mcut' | 'default' | null;
  /** OP, OR, OF1, CP, CR and CF1 of all classes and of each group; null of relative scores without thresholds. */
  readonly precisionRecall: Readonly<Record<'total' | keyof FrequencyGroups, PrecisionRecall>> | null;
  readonly calibration: CalibrationReport | null;
  readonly perClass: readonly ClassRow[];
  /** Pairs of errors that occur in the same images, the most frequent first. */
  readonly confusions: readonly Confusion[];
}

/** Calibration errors of a model on its test images. */
export interface CalibrationReport extends CalibrationError {
  /** By which scores became probabilities. */
  readonly temperature: number;
  /** Mean of the errors of the classes; null where an image has one class. */
  readonly classwise: number | null;
}

/** A class of a report, by its index. */
export interface ClassRow {
  readonly index: number;
  readonly name: string;
  readonly trainCount: number;
  readonly group: keyof FrequencyGroups;
  /** Known positives in the evaluated images. */
  readonly support: number;
  readonly averagePrecision: number;
  /** Lowest score at which the class counts as present; null where no score by itself decides. */
  readonly threshold: number | null;
  /** Of these and F1 null where nothing is predicted. */
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** Everything that is reported of a model's scores. */
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

/** How far the probabilities of a model are off; null of scores that promise none. */
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
