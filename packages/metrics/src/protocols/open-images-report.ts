import { checkOptionNames } from '@ltml/tensor';
import { checkIndices } from '@ltml/tensor/labels';
import { checkScores, type Scores } from '../core/scores.ts';
import { imagesWithPositives, selectScores } from '../core/select-scores.ts';
import { averagePrecision, meanAveragePrecision } from '../ranking/average-precision.ts';
import { type PrecisionRecallAtK, precisionRecallAtK } from '../ranking/precision-at-k.ts';
import { positivesPerClass } from './per-class-report.ts';

/** Results of one of the two tracks; fractions. */
export interface OpenVocabularyTrack {
  /** Number of images with a positive among the track's classes; all others are left out. */
  readonly images: number;
  /** The classes that mAP averages over. */
  readonly classes: readonly number[];
  /** Average precision of those classes, in their order. */
  readonly averagePrecision: Float64Array;
  /** mAP over `classes`. */
  readonly meanAveragePrecision: number;
  /** Mean of the average precision, weighted by the positives of each class. */
  readonly weightedMeanAveragePrecision: number;
  /** One entry for each requested k, over all classes of the track. */
  readonly atK: readonly PrecisionRecallAtK[];
}

/** Results of both tracks. */
export interface OpenImagesReport {
  /** Zero-shot: among the unseen classes only. */
  readonly zsl: OpenVocabularyTrack;
  /** Generalised zero-shot: among all classes. */
  readonly gzsl: OpenVocabularyTrack;
}

/** Options of {@link openImagesReport}. */
export interface OpenImagesReportOptions {
  /** Classes that the model was not trained on. */
  readonly unseen: readonly number[];
  /** The values of k for precision and recall; the protocol uses 10 and 20. */
  readonly k: readonly number[];
}

/**
 * Open-vocabulary evaluation on sparsely annotated images, the protocol of Open Images.
 *
 * Each track keeps the images with a positive among its classes. The zero-shot mAP averages over all unseen classes;
 * the generalised mAP averages over the classes that still have a known label. A class without positives has AP 0.
 *
 * @throws ShapeError, DataError; OptionError unless 1 ≤ k ≤ the number of classes of each track
 * Source: the public evaluation of BiAM (ICCV 2021), whose rules MKT (AAAI 2023) uses. AP is computed per class here;
 * BiAM's own function for this data set does not do that.
 */
export function openImagesReport(scores: Scores, options: OpenImagesReportOptions): OpenImagesReport {
  checkOptionNames('openImagesReport', options, ['unseen', 'k']);
  const { unseen, k } = options;
  checkScores('openImagesReport', scores);
  checkIndices('openImagesReport', 'options.unseen', unseen, scores.columns);
  const zsl = selectScores(scores, imagesWithPositives(scores, unseen), unseen);
  const gzsl = selectScores(scores, imagesWithPositives(scores));
  return {
    zsl: track(zsl, unseen, Array.from(unseen.keys()), k),
    gzsl: track(gzsl, annotatedClasses(gzsl), annotatedClasses(gzsl), k),
  };
}

/** @param names the averaged classes in the caller's numbering @param columns the same as columns of `scores` */
function track(
  scores: Scores,
  names: readonly number[],
  columns: readonly number[],
  k: readonly number[],
): OpenVocabularyTrack {
  const perColumn = averagePrecision(scores);
  const perClass = Float64Array.from(columns, (c) => perColumn[c]);
  const positives = positivesPerClass(scores);
  const weight = columns.reduce((sum, c) => sum + positives[c], 0);
  return {
    images: scores.rows,
    classes: names,
    averagePrecision: perClass,
    meanAveragePrecision: meanAveragePrecision(perClass),
    weightedMeanAveragePrecision: columns.reduce((sum, c) => sum + perColumn[c] * positives[c], 0) / weight,
    atK: k.map((each) => precisionRecallAtK(scores, each)),
  };
}

function annotatedClasses({ rows, columns, known }: Scores): number[] {
  const classes = Array.from({ length: columns }, (_, c) => c);
  if (!known) return classes;
  return classes.filter((c) => Array.from({ length: rows }, (_, row) => known[row * columns + c]).includes(1));
}
