import { decodeLabels, unknownIsMinusOne, unknownIsZero } from '@ltml/data';
import {
  accuracyPerClass,
  apIncrements,
  averagePrecision,
  countPredictions,
  type Decision,
  interpolated,
  logitAbove,
  logitAtLeast,
  meanAveragePrecision,
  nonInterpolatedAsl,
  type OpenVocabularyTrack,
  openImagesReport,
  type PrecisionRecall,
  type PrecisionRecallAtK,
  precisionRecall,
  precisionRecallAtK,
  probabilityAtLeast,
  type Scores,
  shotAccuracy,
  splitReport,
  topKLabelAccuracy,
} from '@ltml/metrics';
import { type FrequencyGroups, frequencyGroups } from '@ltml/tensor/labels';
import type { ParityAdapters, ParityInputs, ParityValue } from '../../../packages/tensor/parity/adapter.ts';

const paperBorders = { headFrom: 101, tailBelow: 21 };

export const metricsAdapters: ParityAdapters = {
  'eval_map/eval_F1/eval_acc': (inputs) => {
    const scores = storedScores(inputs, 'logits', 'labels');
    const split = (name: string): number[] => (inputs.has(name) ? inputs.numbers(name) : []);
    const groups = { head: split('split_head'), medium: split('split_middle'), tail: split('split_tail') };
    const report = splitReport(scores, groups);
    const rows = { head: report.head, middle: report.medium, tail: report.tail, total: report.total };
    const counts = countPredictions(scores, { decide: logitAbove(0) });
    return {
      ap_per_class: report.averagePrecision,
      mAP_total: report.total.meanAveragePrecision,
      summary: (inputs.params.summary_rows as (keyof typeof rows)[]).map((row) => {
        const { meanAveragePrecision: map, microF1, macroF1, accuracy } = rows[row];
        return [map, microF1, macroF1, accuracy];
      }),
      acc_per_class: accuracyPerClass(counts),
      asl_mAP_percent: 100 * meanAveragePrecision(averagePrecision(scores, { rule: nonInterpolatedAsl })),
    };
  },

  accuracy: (inputs) => {
    const scores = storedScores(inputs, 'logits', 'labels');
    const ks = inputs.params.topk as number[];
    return Object.fromEntries(ks.map((k) => [`top${k}`, 100 * topKLabelAccuracy(scores, k)]));
  },

  'create_*_longtail class split': (inputs) => {
    const counts = inputs.numbers('class_freq');
    return { ...named('authors', frequencyGroups(counts)), ...named('paper', frequencyGroups(counts, paperBorders)) };
  },

  'per-class AP increments': (inputs) => {
    const counts = inputs.numbers('class_freq');
    const runs = rowsOf(inputs.numbers('ap_per_step'), counts.length);
    const { order, steps } = apIncrements(runs, counts);
    return {
      order,
      increment_vs_previous: steps.map(({ versusPrevious }) => Array.from(versusPrevious)),
      increment_vs_first: steps.map(({ versusFirst }) => Array.from(versusFirst)),
      mean_increment: steps.map(({ mean }) => mean.total),
    };
  },

  'cprfl/metrics': (inputs): Readonly<Record<string, ParityValue>> => {
    const stored = (name: string): string => (inputs.names.includes(`in.${name}`) ? `in.${name}` : `in_${name}`);
    const scores = storedScores(inputs, stored('logits'), stored('targets'));
    const perClass = averagePrecision(scores);
    const aslMeanPercent = 100 * meanAveragePrecision(averagePrecision(scores, { rule: nonInterpolatedAsl }));
    const authors = (threshold: number, topK?: number): number[] =>
      asList(authorsReading(scores, probabilityAtLeast(threshold), topK));
    if (!inputs.names.includes('in.class_freq')) {
      const overall = authors(0.5);
      return {
        tie_aware_ap: perClass,
        ap_of_classes_with_positives: averagePrecision(scores, { emptyClasses: 'skip' }).filter(
          (value) => !Number.isNaN(value),
        ),
        overall_OP_OR_OF1_CP: overall.slice(0, 4),
        overall_CR_CF1: Number.isNaN(overall[4]) && Number.isNaN(overall[5]) ? 'NaN' : overall.slice(4).join(),
        helper_map_percent: aslMeanPercent,
      };
    }
    const groups = frequencyGroups(inputs.numbers('in.class_freq'));
    const lists = [groups.head, groups.medium, groups.tail];
    return {
      'out.ap': perClass,
      'out.sklearn_ap': perClass,
      'out.map_percent': 100 * meanAveragePrecision(perClass),
      'out.helper_map_percent': aslMeanPercent,
      'out.overall_thr0.5': authors(0.5),
      'out.overall_thr0.8': authors(0.8),
      'out.top3_thr0.5': authors(0.5, 3),
      'out.top3_thr0.8': authors(0.8, 3),
      'out.head_medium_tail': lists.map((classes) => 100 * meanAveragePrecision(perClass, classes)),
      'out.group': Array.from(perClass.keys(), (c) => lists.findIndex((classes) => classes.includes(c))),
    };
  },

  multiLabelMetrics: (inputs) => {
    const scores = storedScores(inputs, 'logits', 'targets');
    const topK = Math.min(inputs.params.topk as number, scores.columns);
    const envelope = averagePrecision(scores, { rule: interpolated });
    const plain = averagePrecision(scores);
    const standard = (k?: number): number[] =>
      asList(precisionRecall(countPredictions(scores, { decide: logitAtLeast(0), topK: k })));
    return {
      ap_interpolated: envelope,
      mAP_interpolated: meanAveragePrecision(envelope),
      ap_noninterpolated: plain,
      mAP_noninterpolated: meanAveragePrecision(plain),
      overall: asList(authorsReading(scores, logitAtLeast(0))),
      overall_standard: standard(),
      overall_top3: asList(authorsReading(scores, logitAtLeast(0), topK)),
      overall_top3_standard: standard(topK),
    };
  },

  map_and_topk_f1: (inputs) => {
    const scores = storedScores(inputs, 'scores', 'labels');
    const perClass = averagePrecision(scores);
    const ks = inputs.params.ks as number[];
    return {
      ap: perClass,
      mAP: meanAveragePrecision(perClass),
      ...Object.fromEntries(ks.map((k) => [`top${k}`, atKList(precisionRecallAtK(scores, k))])),
    };
  },

  open_images_evaluation: (inputs) => {
    const seen = inputs.params.n_seen as number;
    const ks = inputs.params.ks as number[];
    const unseen = Array.from({ length: inputs.params.n_unseen as number }, (_, i) => seen + i);
    const { zsl, gzsl } = openImagesReport(storedScores(inputs, 'scores', 'labels'), { unseen, k: ks });
    const values = (name: string, track: OpenVocabularyTrack) => ({
      [`${name}_ap`]: track.averagePrecision,
      [`${name}_map`]: track.meanAveragePrecision,
      [`${name}_weighted_map`]: track.weightedMeanAveragePrecision,
      ...Object.fromEntries(ks.map((k, i) => [`${name}_top${k}`, atKList(track.atK[i])])),
    });
    return {
      ...values('zsl', zsl),
      ...values('gzsl', gzsl),
      counts: [zsl.images, zsl.classes.length, gzsl.images, gzsl.classes.length],
    };
  },

  shotAccuracy: (inputs) => {
    const { shape } = inputs.host('logits');
    const logits = { rows: shape[0], columns: shape[1], scores: Float32Array.from(inputs.numbers('logits')) };
    const groups = frequencyGroups(inputs.numbers('class_counts'), { headFrom: 101 });
    const report = shotAccuracy(logits, inputs.numbers('labels'), groups);
    return {
      top1: 100 * report.top1,
      top5: 100 * report.top5,
      loss: report.crossEntropy,
      // The file stores 0 for a group without images.
      many: 100 * (report.head.top1 ?? 0),
      count_many: report.head.images,
      medium: 100 * (report.medium.top1 ?? 0),
      count_medium: report.medium.images,
      few: 100 * (report.tail.top1 ?? 0),
      count_few: report.tail.images,
      prediction: report.predictions,
    };
  },
};

/** Scores with labels. In MKT's files 0 means unknown, in all others −1. */
function storedScores(inputs: ParityInputs, scores: string, labels: string): Scores {
  const codes = inputs.part === 'mkt' ? unknownIsZero : unknownIsMinusOne;
  const { shape } = inputs.host(scores);
  return {
    ...decodeLabels(inputs.numbers(labels), shape[1], codes),
    scores: Float32Array.from(inputs.numbers(scores)),
  };
}

function authorsReading(scores: Scores, decide: Decision, topK?: number): PrecisionRecall {
  const counts = countPredictions(scores, topK === undefined ? { decide } : { decide, topK });
  return precisionRecall(counts, { emptyClasses: 'nan', neverPredictedCountsOnce: true });
}

function asList(report: PrecisionRecall): number[] {
  const { overallPrecision, overallRecall, overallF1, classPrecision, classRecall, classF1 } = report;
  return [overallPrecision, overallRecall, overallF1, classPrecision, classRecall, classF1];
}

function atKList({ precision, recall, f1 }: PrecisionRecallAtK): number[] {
  return [precision, recall, f1];
}

function named(reading: string, { head, medium, tail }: FrequencyGroups) {
  return { [`${reading}_head`]: head, [`${reading}_middle`]: medium, [`${reading}_tail`]: tail };
}

function rowsOf(values: readonly number[], columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) => values.slice(i * columns, (i + 1) * columns));
}
